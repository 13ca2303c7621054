// From a tree on disk to the files that can matter, in rounds.
#include "analyzer/source/scan.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/unit/source/temp_tree.h"

namespace lockwright::source {
namespace {

using Paths = std::vector<std::string>;

Prefilter words(const std::vector<std::string>& texts) {
  std::vector<Literal> literals;
  for (const std::string& text : texts) literals.push_back({text, false});
  return Prefilter(literals);
}

class ScanTest : public ::testing::Test {
 protected:
  ScanOptions options(unsigned jobs = 2) const {
    ScanOptions options;
    options.discovery.roots = {"."};
    options.discovery.languages = {Language::python};
    options.discovery.jobs = jobs;
    options.discovery.working_directory = tree.path();
    return options;
  }

  static Paths paths_of(const Scan& scan, const std::vector<FileId>& ids) {
    Paths paths;
    for (const FileId id : ids) paths.emplace_back(scan.files().path(id));
    return paths;
  }

  testing::TempTree tree;
};

TEST_F(ScanTest, SelectsWhatContainsALiteralAndRemembersTheRest) {
  tree.write("locks.py", "fcntl.flock(f)\n");
  tree.write("other.py", "import os\n");
  tree.write("almost.py", "flocks = 1\n");
  tree.write("empty.py", "");
  const Scan scan(options(), words({"flock"}));
  EXPECT_EQ(paths_of(scan, scan.selected()), (Paths{"locks.py"}));
  EXPECT_EQ(scan.files().get(scan.selected()[0])->text(), "fcntl.flock(f)\n");
  EXPECT_EQ(scan.files().size(), 4U);
  const auto other = scan.files().find("other.py");
  ASSERT_TRUE(other.has_value());
  EXPECT_EQ(scan.files().get(*other), nullptr) << "its text is not kept";
  EXPECT_TRUE(scan.notes().empty());
}

TEST_F(ScanTest, EachLanguageHasItsOwnLiterals) {
  tree.write("a.py", "flock wx\n");
  tree.write("b.py", "wx\n");
  tree.write("c.ts", "flock\n");
  tree.write("d.ts", "wx and more\n");
  ScanOptions both = options();
  both.discovery.languages = {Language::python, Language::typescript};
  Prefilters literals;
  literals.set(Language::python, words({"flock"}));
  literals.set(Language::typescript, words({"wx"}));
  Scan scan(both, literals);
  EXPECT_EQ(paths_of(scan, scan.selected()), (Paths{"a.py", "d.ts"}));
  Prefilters more;
  more.set(Language::typescript, words({"flock", "wx"}));
  EXPECT_EQ(paths_of(scan, scan.widen(more)), (Paths{"c.ts"}));
}

TEST_F(ScanTest, MinifiedBundlesAreLeftOutWithANote) {
  tree.write("by_name.min.js", "wx\n");
  tree.write("by_lines.js", "wx;" + std::string(60'000, 'x') + "\n");
  tree.write("short.js", "wx;" + std::string(40'000, 'x') + "\n");
  ScanOptions typescript = options();
  typescript.discovery.languages = {Language::typescript};
  const Scan scan(typescript, words({"wx"}));
  EXPECT_EQ(paths_of(scan, scan.selected()), (Paths{"short.js"}));
  ASSERT_EQ(scan.notes().size(), 2U);
  EXPECT_EQ(scan.notes()[0].message, "is minified (30002 bytes a line): skipped");
  EXPECT_EQ(scan.notes()[1].message, "is minified, by its name: skipped");
}

TEST_F(ScanTest, WidensInRounds) {
  tree.write("lock.py", "def take_lock(f):\n  fcntl.flock(f)\n");
  tree.write("caller.py", "def save():\n  take_lock(f)\n");
  tree.write("main.py", "save()\ncaller.save_all()\n");
  tree.write("other.py", "save_them()\n");
  Scan scan(options(), words({"flock"}));
  EXPECT_EQ(paths_of(scan, scan.selected()), (Paths{"lock.py"}));
  EXPECT_EQ(paths_of(scan, scan.widen(words({"take_lock"}))), (Paths{"caller.py"}));
  EXPECT_EQ(paths_of(scan, scan.widen(words({"save", "take_lock"}))), (Paths{"main.py"}));
  EXPECT_EQ(paths_of(scan, scan.widen(words({"save", "take_lock", "flock"}))), Paths{});
  EXPECT_EQ(paths_of(scan, scan.selected()), (Paths{"caller.py", "lock.py", "main.py"}));
  for (const FileId id : scan.selected()) EXPECT_NE(scan.files().get(id), nullptr);
  EXPECT_EQ(scan.stats().passes, 4U);
  EXPECT_EQ(scan.stats().files_read, 6U) << "later rounds read only what they select";
  EXPECT_EQ(scan.stats().files_selected, 3U);
}

TEST_F(ScanTest, WideningVerifiesOnTheText) {
  tree.write("a.py", "fcntl\nflock\n");  // the words, but not the dotted name
  tree.write("b.py", "fcntl.flock\n");
  Scan scan(options(), words({"nothing"}));
  EXPECT_EQ(paths_of(scan, scan.widen(words({"fcntl.flock"}))), (Paths{"b.py"}));
}

TEST_F(ScanTest, FindsOutWhatThereIsBeforeItLooksForAnything) {
  tree.write("a.py", "flock\n");
  ScanOptions both = options();
  both.discovery.languages.add(Language::typescript);
  Scan scan(both);
  EXPECT_TRUE(scan.languages().contains(Language::python));
  EXPECT_FALSE(scan.languages().contains(Language::typescript));
  EXPECT_TRUE(scan.selected().empty());
  EXPECT_EQ(scan.stats().files_read, 0U);
  EXPECT_EQ(paths_of(scan, scan.widen(words({"flock"}))), (Paths{"a.py"}));
}

TEST_F(ScanTest, WhatIsSetAsideIsLookedAtOnce) {
  tree.write("a.py", "save\n");
  tree.write("test_a.py", "save\n");
  tree.write("test_b.py", "save  # ignore\n");
  Scan scan(options());
  const FileId a = *scan.files().find("test_a.py");
  const FileId b = *scan.files().find("test_b.py");
  scan.set_aside({a, b}, words({"ignore"}));
  EXPECT_EQ(paths_of(scan, scan.selected()), (Paths{"test_b.py"}));
  EXPECT_EQ(paths_of(scan, scan.widen(words({"save"}))), (Paths{"a.py"}));
  EXPECT_EQ(paths_of(scan, scan.selected()), (Paths{"a.py", "test_b.py"}));
  EXPECT_EQ(scan.stats().files_read, 3U);
}

TEST_F(ScanTest, WideningByWhatVocabulariesCannotTell) {
  tree.write("a.py", "class FileLock:\n");
  tree.write("b.py", "class File:\n");
  Scan scan(options(), words({"nothing"}));
  EXPECT_EQ(paths_of(scan, scan.widen(Prefilter({{"Lock", true}}))), (Paths{"a.py"}));
}

TEST_F(ScanTest, AFileThatSomebodyLoadedCanStillBeSelected) {
  tree.write("a.py", "name\n");
  Scan scan(options(), words({"nothing"}));
  const SourceFile* loaded = scan.files().load(FileId{0});
  ASSERT_NE(loaded, nullptr);
  EXPECT_TRUE(scan.selected().empty());
  EXPECT_EQ(scan.widen(words({"name"})), (std::vector<FileId>{FileId{0}}));
  EXPECT_EQ(scan.files().get(FileId{0}), loaded);
}

TEST_F(ScanTest, InMemoryFiles) {
  tree.write("a.py", "on disk\n");
  ScanOptions with = options();
  with.in_memory = {{"./sub/../a.py", "flock\n"}, {tree.path("new.py"), "flock too\n"}};
  const Scan scan(with, words({"flock"}));
  EXPECT_EQ(paths_of(scan, scan.selected()), (Paths{"a.py", "new.py"}));
  EXPECT_EQ(scan.files().get(FileId{0})->text(), "flock\n");

  ScanOptions only_stdin = options();
  only_stdin.discovery.roots = {};
  only_stdin.in_memory = {{"stdin.py", "flock\n"}};
  const Scan stdin_scan(only_stdin, words({"flock"}));
  EXPECT_EQ(paths_of(stdin_scan, stdin_scan.selected()), (Paths{"stdin.py"}));
}

TEST_F(ScanTest, InMemoryFilesOfOtherLanguagesGetANote) {
  ScanOptions with = options();
  with.discovery.roots = {};
  with.in_memory = {{"stdin.txt", "flock\n"}, {"./a.ts", "flock\n"}, {"a.py", "flock\n"}};
  const Scan scan(with, words({"flock"}));
  EXPECT_EQ(paths_of(scan, scan.selected()), (Paths{"a.py"}));
  const std::vector<Note> expected = {
      {NoteKind::warning, "a.ts", std::nullopt, "is TypeScript, which is not analysed: skipped"},
      {NoteKind::warning, "stdin.txt", std::nullopt, "is in no language that is analysed: skipped"},
  };
  EXPECT_EQ(scan.notes(), expected);
}

TEST_F(ScanTest, BadFilesAreNotesAndTheRestGoesOn) {
  tree.write("good.py", "flock\n");
  tree.write("binary.py", std::string("flock\0", 6));
  tree.write("latin.py", "flock # caf\xE9 au lait\n");
  tree.write("latin_too.py", "# caf\xE9 au lait\n");
  tree.write("huge.py", std::string(2000, ' ') + "flock");
  ScanOptions with = options();
  with.max_file_bytes = 1000;
  with.discovery.roots.emplace_back("missing");
  const Scan scan(with, words({"flock"}));
  EXPECT_EQ(paths_of(scan, scan.selected()), (Paths{"good.py", "latin.py"}));
  Paths notes;
  for (const Note& note : scan.notes()) notes.push_back(note.path);
  EXPECT_EQ(notes, (Paths{"binary.py", "huge.py", "latin.py", "missing"}))
      << "the encoding of a file that is not looked into is of no concern";
}

TEST_F(ScanTest, CountsWhatItDoes) {
  tree.write("a/locks.py", "flock\n");
  tree.write("b/other.py", "other text\n");
  const Scan scan(options(), words({"flock"}));
  const ScanStats& stats = scan.stats();
  EXPECT_EQ(stats.directories, 3U);
  EXPECT_EQ(stats.files_seen, 2U);
  EXPECT_EQ(stats.files_read, 2U);
  EXPECT_EQ(stats.bytes_read, 17U);
  EXPECT_EQ(stats.files_selected, 1U);
  EXPECT_EQ(stats.bytes_selected, 6U);
  EXPECT_EQ(stats.passes, 1U);
  EXPECT_GT(stats.discovery_time.count(), 0);
  EXPECT_GT(stats.prefilter_time.count(), 0);
}

TEST_F(ScanTest, TheNumberOfThreadsDoesNotMatter) {
  for (int i = 0; i < 300; ++i) {
    tree.write(
        "d" + std::to_string(i % 9) + "/f" + std::to_string(i) + ".py",
        (i % 5 == 0 ? "flock " : "") + std::string(i % 3 == 0 ? "caller " : "") + "name" + std::to_string(i));
  }
  std::vector<FileId> first;
  std::vector<FileId> second;
  for (const unsigned jobs : {1U, 2U, 7U}) {
    Scan scan(options(jobs), words({"flock"}));
    const std::vector<FileId> selected = scan.selected();
    const std::vector<FileId> widened = scan.widen(words({"caller"}));
    if (jobs == 1) {
      first = selected;
      second = widened;
      EXPECT_EQ(first.size(), 60U);
      EXPECT_EQ(second.size(), 80U);
    }
    EXPECT_EQ(selected, first) << jobs;
    EXPECT_EQ(widened, second) << jobs;
  }
}

}  // namespace
}  // namespace lockwright::source
