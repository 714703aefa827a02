#include "indexer/work_plan.h"

#include "tests/support/catch.h"

namespace engram {

namespace {

FileEntry entry(std::string path, std::int64_t mtime = 1, std::uint64_t size = 1,
                std::uint32_t flags = 0) {
  return {std::move(path), mtime, size, "", flags, ""};
}

}  // namespace

TEST_CASE("work_plan: own code first, tests next, vendored last, and the asked before all",
          "[pipeline]") {
  const auto test_flag = static_cast<std::uint32_t>(FileFlag::kTest);
  const auto vendored_flag = static_cast<std::uint32_t>(FileFlag::kVendored);
  const WorkPlan plan =
      plan_work({entry("a_vendored", 1, 1, vendored_flag), entry("b_test", 1, 1, test_flag),
                 entry("c"), entry("d"), entry("e_vendored", 1, 1, vendored_flag)},
                {}, {"e_vendored", "d"}, {});
  std::string order;
  for (const WorkItem& item : plan.work) order += item.entry.path + " ";
  CHECK(order == "e_vendored d c b_test a_vendored ");
}

TEST_CASE("work_plan: size or mtime decide what is read, absence what is removed", "[pipeline]") {
  const WorkPlan plan = plan_work(
      {entry("larger", 1, 2), entry("new"), entry("newer", 2, 1), entry("same")},
      {{entry("same"), {}}, {entry("newer"), {}}, {entry("larger"), {}}, {entry("gone"), {}}}, {},
      {});
  REQUIRE(plan.work.size() == 3);
  CHECK(plan.work[0].entry.path == "larger");
  CHECK(plan.work[0].before.has_value());
  CHECK(plan.work[1].entry.path == "new");
  CHECK_FALSE(plan.work[1].before.has_value());
  CHECK(plan.removed == std::vector<std::string>{"gone"});
  CHECK(plan.unchanged == 1);
  CHECK(plan.touched.empty());
}

TEST_CASE("work_plan: a file that became tracked is touched, not read", "[pipeline]") {
  const auto untracked_flag = static_cast<std::uint32_t>(FileFlag::kUntracked);
  const auto generated_flag = static_cast<std::uint32_t>(FileFlag::kGenerated);
  const WorkPlan plan =
      plan_work({entry("a")}, {{entry("a", 1, 1, untracked_flag | generated_flag), {}}}, {}, {});
  REQUIRE(plan.touched.size() == 1);
  CHECK(plan.touched[0].flags == generated_flag);  // its contents are still generated
  CHECK(plan.work.empty());
}

}  // namespace engram
