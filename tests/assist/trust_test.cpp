#include "assist/config/trust.h"

#include "core/log.h"
#include "tests/support/catch.h"
#include "tests/support/environment.h"
#include "tests/support/temporary_directory.h"

namespace engram {

TEST_CASE("trust: a damaged record trusts nobody and is replaced by the next trust", "[assist]") {
  const TemporaryDirectory directory;
  const ScopedVariable data("XDG_DATA_HOME", directory.path().c_str());
  directory.write("engram/trusted.json", "[not what it should be");
  directory.write("w/.engram.toml", "x");
  const auto workspace = directory.path() / "w";
  set_log_level(LogLevel::kOff);
  CHECK(workspace_trust(workspace, "x") == Trust::kNone);
  REQUIRE(trust_workspace(workspace));
  CHECK(workspace_trust(workspace, "x") == Trust::kTrusted);
  CHECK(workspace_trust(workspace, "y") == Trust::kChanged);
  CHECK_FALSE(trust_workspace(directory.path() / "none"));
  set_log_level(LogLevel::kWarn);
}

}  // namespace engram
