// The sample findings. Their texts are short, so that the golden reports can be read.
#include "tests/unit/report/sample.h"

#include <gtest/gtest.h>

#include <array>
#include <iterator>
#include <utility>

namespace lockwright::report::testing {
namespace {

using findings::Actor;
using findings::RuleInfo;
using findings::Severity;
using findings::State;

constexpr std::string_view store_text =
    "import fcntl\n"
    "\n"
    "def save(path):\n"
    "\tnote(\"\xE6\x97\xA5\"); handle = open(path, \"w\")\n"  // a tab, and a character of two columns
    "\tfcntl.flock(handle, fcntl.LOCK_EX)\n"
    "\n"
    "def run(store):\n"
    "\tstore.deep.save(store.path)\n"
    "\tstore.touch()  # x\n";

constexpr std::string_view pool_text =
    "async def drop(self):\r\n"
    "    self.held.pop(key)\r\n"
    "    await self.close(key)\r\n"
    "async def take(self):\r\n"
    "    self.open(key)\r\n";

}  // namespace

std::span<const RuleInfo> sample_rules() {
  static constexpr std::array cwe{362, 667};
  static const std::vector<RuleInfo> rules = [] {
    const auto own = findings::suppression_rules();
    std::vector<RuleInfo> all(own.begin(), own.end());
    all.push_back({"LW101", "nested-same-file-lock", "A path locks a file twice.", Severity::error, cwe,
                   "# LW101 nested-same-file-lock\n\nThe page of \"LW101\".\n"});
    all.push_back({"LW102",
                   "truncating-open-before-lock",
                   "A locked file is truncated before its lock is taken.",
                   Severity::error,
                   {},
                   "# LW102 truncating-open-before-lock\n"});
    all.push_back({"LW302", "map-delete-before-async-cleanup",
                   "A lock's entry is erased before its clean-up ends.", Severity::warning, cwe,
                   "# LW302 map-delete-before-async-cleanup\n"});
    all.push_back({"LW999", "off-by-default", "An experiment.", Severity::off, {}, ""});
    return all;
  }();
  return rules;
}

std::unique_ptr<source::FileTable> files_of(const std::vector<source::InMemoryFile>& files) {
  auto table = std::make_unique<source::FileTable>(std::vector<source::DiscoveredFile>{}, files,
                                                   source::FileTableOptions{});
  for (std::size_t i = 0; i < table->size(); ++i) {
    EXPECT_NE(table->load(static_cast<source::FileId>(i)), nullptr);
  }
  return table;
}

source::Range range_of(const source::FileTable& files, std::string_view path, std::string_view text,
                       int occurrence) {
  const auto id = files.find(path);
  if (!id) {
    ADD_FAILURE() << "no file " << path;
    return {};
  }
  std::size_t at = files.get(*id)->text().find(text);
  for (; occurrence > 1 && at != std::string_view::npos; --occurrence) {
    at = files.get(*id)->text().find(text, at + 1);
  }
  EXPECT_NE(at, std::string_view::npos) << text;
  return {*id, static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(at + text.size())};
}

findings::Finding finding_at(const source::Range& primary, std::string_view rule, std::string_view message) {
  const RuleInfo* const info = findings::find_rule(sample_rules(), rule);
  EXPECT_NE(info, nullptr) << rule;
  findings::Finding finding;
  finding.rule = info->id;
  finding.rule_name = info->name;
  finding.severity = info->severity;
  finding.message = message;
  finding.primary = primary;
  finding.witness.push_back({primary, "does it", Actor::A, {}});
  return finding;
}

source::Suppressions suppressions_of(const source::FileTable& files) {
  source::Suppressions all;
  for (std::size_t i = 0; i < files.size(); ++i) {
    source::Suppressions here = source::find_suppressions(*files.get(static_cast<source::FileId>(i)));
    std::ranges::move(here.items, std::back_inserter(all.items));
    std::ranges::move(here.problems, std::back_inserter(all.problems));
  }
  return all;
}

Sample::Sample() {
  files = files_of({{"src/p#ol.py", std::string(pool_text)}, {"src/store.py", std::string(store_text)}});
  const auto pool = [&](std::string_view text) { return range_of(*files, "src/p#ol.py", text); };
  const auto store = [&](std::string_view text) { return range_of(*files, "src/store.py", text); };

  findings::Finding race =
      finding_at(pool("self.held.pop(key)"), "LW302", "the entry of `key` is erased, 100% too early");
  race.help = "Erase the entry after the clean-up.";
  race.function = "pool.Pool.drop";
  race.witness = {{pool("self.held.pop(key)"), "erases the entry", Actor::A, {}},
                  {pool("self.open(key)"), "takes the lock", Actor::B, {}},
                  {pool("await self.close(key)"), "closes B's lock", Actor::A, {}}};

  findings::Finding truncation =
      finding_at(store("open(path, \"w\")"), "LW102", "`path` is emptied before it is locked");
  truncation.help = "Open `path` with \"r+\".";
  truncation.function = "store.save";
  truncation.witness = {{store("open(path, \"w\")"),
                         "opens and empties path",
                         Actor::A,
                         {store("store.deep.save(store.path)")}},
                        {store("fcntl.flock(handle, fcntl.LOCK_EX)"),
                         "locks path",
                         Actor::A,
                         {store("store.deep.save(store.path)")}}};

  judged.push_back({race, State::open, "aaaa", ""});
  judged.push_back({truncation, State::open, "bbbb", ""});
  judged.push_back(
      {finding_at(store("store.deep.save(store.path)")), State::suppressed, "cccc", "on purpose"});
  judged.push_back({finding_at(store("store.touch()")), State::baselined, "dddd", ""});
  notes.push_back({source::NoteKind::warning, "src/big.py", std::nullopt, "is 50.0 MB large: skipped"});
  notes.push_back({source::NoteKind::warning, "src/odd.py", 7, "syntax not understood here"});
}

Report Sample::report() const {
  return {.findings = judged,
          .files = *files,
          .rules = sample_rules(),
          .notes = notes,
          .stats = {},
          .file_count = 120,
          .gone_from_baseline = 0,
          .run_failed = false,
          .version = "1.2.3",
          .root = "/srv/project"};
}

}  // namespace lockwright::report::testing
