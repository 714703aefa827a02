# Writes OUTPUT, a C++ file with the text of every query file in FILES (relative to ROOT).
# Lines are written one string literal each: raw literals have a length limit in some compilers.
set(content "// Written by embed_queries.cmake; do not edit.\n#include \"indexer/syntax/query_set.h\"\n\nnamespace engram {\n\nstd::span<const EmbeddedQuery> embedded_queries() {\n  static constexpr EmbeddedQuery kQueries[] = {\n")
foreach(file ${FILES})
  file(READ "${ROOT}/${file}" text)
  string(REPLACE "\\" "\\\\" text "${text}")
  string(REPLACE "\"" "\\\"" text "${text}")
  string(REPLACE "\n" "\\n\"\n       \"" text "${text}")
  string(APPEND content "      {\"${file}\",\n       \"${text}\"},\n")
endforeach()
string(APPEND content "  };\n  return kQueries;\n}\n\n}  // namespace engram\n")
file(WRITE "${OUTPUT}" "${content}")
