#include "indexer/scan/licence.h"

#include "tests/support/catch.h"

namespace engram {

TEST_CASE("licence: SPDX lines are believed, well-known heads recognised in any comment",
          "[scan]") {
  struct Case {
    const char* text;
    const char* licence;
  };
  for (const auto& [text, licence] : {
           Case{"// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception\nint a;",
                "Apache-2.0 WITH LLVM-exception"},
           Case{"/* SPDX-License-Identifier: GPL-2.0-only OR MIT */", "GPL-2.0-only OR MIT"},
           Case{"# Licensed under the Apache License, Version 2.0 (the\n# \"License\")",
                "Apache-2.0"},
           Case{"/*\n * Permission is hereby granted, free of charge, to any person\n"
                " * obtaining a copy of this software",
                "MIT"},
           Case{"// Distributed under the Boost Software License, Version 1.0.", "BSL-1.0"},
           Case{" * it under the terms of the GNU General Public License as published by\n"
                " * the Free Software Foundation; either version 2 of the License, or\n"
                " * (at your option) any later version.",
                "GPL-2.0-or-later"},
           Case{"GNU GENERAL PUBLIC LICENSE\n Version 3, 29 June 2007\n", "GPL-3.0-only"},
           Case{";; the GNU Lesser General Public License\n;; version 2.1 as published by",
                "LGPL-2.1-only"},
           Case{"-- Mozilla Public License, v. 2.0. If a copy", "MPL-2.0"},
           Case{"Redistribution and use in source and binary forms, with or without",
                "BSD-2-Clause"},
           Case{"Redistribution and use in source and binary forms\n"
                "// Neither the name of the",
                "BSD-3-Clause"},
           Case{"int main() { return 0; }", ""},
           Case{"// see the license server documentation", ""},
           Case{"SPDX-License-Identifier: <script>alert(1)</script>", ""},
       }) {
    INFO(text);
    CHECK(licence_of_text(text) == licence);
  }
}

TEST_CASE("licence: a file under other terms than the workspace is told apart", "[scan]") {
  LicenceMap map;
  map.add("LICENSE-MIT",
          "Permission is hereby granted, free of charge, to any person obtaining a copy");
  map.add("LICENSE-APACHE", "Apache License Version 2.0, January 2004");
  map.add("third/gpl/COPYING", "GNU GENERAL PUBLIC LICENSE Version 2, June 1991");
  CHECK_FALSE(map.is_other("src/a.c", ""));
  CHECK_FALSE(map.is_other("src/a.c", "MIT"));
  CHECK_FALSE(map.is_other("src/a.c", "GPL-3.0-only OR MIT"));
  CHECK(map.is_other("src/a.c", "GPL-3.0-only"));
  CHECK(map.is_other("third/gpl/x/a.c", ""));
  CHECK_FALSE(map.is_other("third/gpl/x/a.c", "MIT"));
  CHECK(map.licence_at("third/gpl/x/a.c") == "GPL-2.0-only");
  const LicenceMap none;
  CHECK_FALSE(none.is_other("a.c", "MIT"));
  CHECK(is_licence_file("a/COPYING.LIB"));
  CHECK(is_licence_file("LICENSE-MIT.txt"));
  CHECK_FALSE(is_licence_file("license.cpp"));
}

}  // namespace engram
