// Loading files: what is read, what is refused and why, and that texts stay where they are.
#include "analyzer/source/file_table.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <set>
#include <string>
#include <thread>
#include <vector>

#include "analyzer/source/parallel.h"
#include "tests/unit/source/temp_tree.h"

namespace lockwright::source {
namespace {

class FileTableTest : public ::testing::Test {
 protected:
  /// A table of these files of the tree, which must be sorted.
  FileTable& table_of(const std::vector<std::string>& paths,
                      const std::vector<InMemoryFile>& in_memory = {}) {
    std::vector<DiscoveredFile> files;
    for (const std::string& path : paths) files.push_back({path, Language::python});
    kept_table =
        std::make_unique<FileTable>(std::move(files), in_memory, FileTableOptions{100'000, tree.path()});
    return *kept_table;
  }

  /// Loads the one file of a table that is refused, and returns the note.
  Note refused(const std::string& path) {
    FileTable& table = table_of({path});
    EXPECT_EQ(table.load(FileId{0}), nullptr);
    EXPECT_EQ(table.get(FileId{0}), nullptr);
    EXPECT_EQ(table.load(FileId{0}), nullptr) << "also when asked again";
    const std::vector<Note> notes = table.notes();
    EXPECT_EQ(notes.size(), 1U) << "one file, one note";
    if (notes.empty()) return {};
    EXPECT_EQ(notes[0].path, path);
    EXPECT_EQ(notes[0].kind, NoteKind::warning);
    EXPECT_EQ(notes[0].line, std::nullopt);
    return notes[0];
  }

  testing::TempTree tree;
  std::unique_ptr<FileTable> kept_table;
};

TEST_F(FileTableTest, LoadsTheBytesAsTheyAre) {
  const std::string text = "\xEF\xBB\xBFimport os\r\nx = '\xC3\xA9'\r";
  tree.write("a.py", text);
  FileTable& table = table_of({"a.py"});
  EXPECT_EQ(table.get(FileId{0}), nullptr) << "not before it is asked for";
  const SourceFile* file = table.load(FileId{0});
  ASSERT_NE(file, nullptr);
  EXPECT_EQ(file->text(), text);
  EXPECT_TRUE(file->had_bom());
  EXPECT_EQ(file->path(), "a.py");
  EXPECT_EQ(file->language(), Language::python);
  EXPECT_EQ(file->id(), FileId{0});
  EXPECT_EQ(file->lines().line_count(), 3U);
  EXPECT_EQ(file->text_at({FileId{0}, 3, 9}), "import");
  EXPECT_EQ(file->text_at({FileId{0}, 20, 900}), file->text().substr(20));
  EXPECT_EQ(file->text_at({FileId{0}, 900, 901}), "");
  EXPECT_EQ(table.get(FileId{0}), file);
  EXPECT_EQ(table.load(FileId{0}), file);
  EXPECT_TRUE(table.notes().empty());
}

TEST_F(FileTableTest, ATableWithChangesSharesTheRest) {
  tree.write("a.py", "a = 1\n");
  tree.write("b.py", "b = 1\n");
  tree.write("c.py", "c = 1\n");
  FileTable& table = table_of({"a.py", "b.py", "c.py"});
  const SourceFile* a = table.load(FileId{0});
  const SourceFile* b = table.load(FileId{1});
  table.load(FileId{2});
  tree.write("c.py", "c = 2\n");
  const auto next = table.with({{FileId{1}, "b = 2\n"}, {FileId{2}, std::nullopt}});
  EXPECT_EQ(next->get(FileId{0}), a);
  ASSERT_NE(next->get(FileId{1}), nullptr);
  EXPECT_EQ(next->get(FileId{1})->text(), "b = 2\n");
  EXPECT_EQ(next->get(FileId{2}), nullptr) << "to be read again";
  EXPECT_EQ(next->load(FileId{2})->text(), "c = 2\n");
  EXPECT_EQ(table.get(FileId{1}), b) << "the one before is as it was";
  EXPECT_EQ(b->text(), "b = 1\n");
  kept_table.reset();
  EXPECT_EQ(a->text(), "a = 1\n") << "shared files live as long as one of the tables";
  EXPECT_EQ(a->path(), "a.py");
}

TEST_F(FileTableTest, ATextInMemoryIsRefusedForWhatAFileIs) {
  tree.write("a.py");
  FileTable& table = table_of({"a.py"});
  const auto large = table.with({{FileId{0}, std::string(200'000, '#')}});
  EXPECT_EQ(large->load(FileId{0}), nullptr);
  ASSERT_EQ(large->notes().size(), 1U);
  EXPECT_NE(large->notes()[0].message.find("larger than the limit"), std::string::npos);
  const auto small = large->with({{FileId{0}, "x = 1\n"}});
  EXPECT_NE(small->get(FileId{0}), nullptr);
  EXPECT_TRUE(small->notes().empty()) << "what is not so any more is not said";
}

TEST_F(FileTableTest, AnEmptyFileIsFine) {
  tree.write("a.py", "");
  FileTable& table = table_of({"a.py"});
  const SourceFile* file = table.load(FileId{0});
  ASSERT_NE(file, nullptr);
  EXPECT_EQ(file->text(), "");
  EXPECT_FALSE(file->had_bom());
  EXPECT_EQ(file->lines().line_count(), 1U);
  EXPECT_TRUE(table.notes().empty());
}

TEST_F(FileTableTest, FindsPaths) {
  const FileTable& table = table_of({"a.py", "b/c.py", "b/d.py"});
  EXPECT_EQ(table.size(), 3U);
  EXPECT_EQ(table.find("b/c.py"), FileId{1});
  EXPECT_EQ(table.path(FileId{2}), "b/d.py");
  EXPECT_EQ(table.find("b"), std::nullopt);
  EXPECT_EQ(table.find("z.py"), std::nullopt);
  EXPECT_EQ(table.find(""), std::nullopt);
}

TEST_F(FileTableTest, RefusesWhatIsNotThere) {
  EXPECT_EQ(refused("missing.py").message, "cannot be read: no such file or directory");
}

TEST_F(FileTableTest, RefusesWhatMayNotBeRead) {
  tree.write("secret.py");
  tree.mode("secret.py", 0);
  tree.mode(".", 0755);
  const testing::WithoutPrivilege unprivileged;
  if (testing::permissions_do_not_bind()) GTEST_SKIP() << "this process may read everything";
  EXPECT_EQ(refused("secret.py").message, "cannot be read: permission denied");
}

TEST_F(FileTableTest, RefusesBinaryFiles) {
  tree.write("binary.py", std::string("\x7F"
                                      "ELF\0\0\1",
                                      7));
  EXPECT_EQ(refused("binary.py").message, "is binary (a NUL byte in its first 8 KB): skipped");
  tree.write("wide.py", std::string("\xFF\xFEx\0", 4));
  EXPECT_EQ(refused("wide.py").message, "is UTF-16 text, not UTF-8: skipped");
  std::string noise;
  for (int i = 0; i < 1000; ++i) noise += static_cast<char>(128 + i * 37 % 100);
  tree.write("noise.py", noise);
  EXPECT_EQ(refused("noise.py").message, "is no text in UTF-8 or the like: skipped");
}

TEST_F(FileTableTest, ANulFarIntoAFileIsNoBinary) {
  tree.write("a.py", std::string(8192, '#') + std::string(1, '\0'));
  EXPECT_NE(table_of({"a.py"}).load(FileId{0}), nullptr);
  tree.write("a.py", std::string(8191, '#') + std::string(1, '\0'));
  EXPECT_EQ(table_of({"a.py"}).load(FileId{0}), nullptr);
}

TEST_F(FileTableTest, RefusesWhatIsTooLarge) {
  tree.write("limit.py", std::string(100'000, '#'));
  EXPECT_NE(table_of({"limit.py"}).load(FileId{0}), nullptr);
  tree.write("over.py", std::string(151'000, '#'));
  EXPECT_EQ(refused("over.py").message, "is 0.2 MB, larger than the limit of 0.1 MB: skipped");
}

TEST_F(FileTableTest, RefusesWhatIsNoFileWithoutWaiting) {
  tree.directory("directory.py");
  EXPECT_EQ(refused("directory.py").message, "is not a regular file: skipped");
  ASSERT_EQ(::mkfifo(tree.path("pipe.py").c_str(), 0600), 0);
  EXPECT_EQ(refused("pipe.py").message, "is not a regular file: skipped");
}

TEST_F(FileTableTest, SomeBytesThatAreNotUtf8AreNoObstacle) {
  const std::string text = "# caf\xE9\nimport os  # latin-1\n";
  tree.write("a.py", "x = 1\n" + text);
  FileTable& table = table_of({"a.py"});
  const SourceFile* file = table.load(FileId{0});
  ASSERT_NE(file, nullptr);
  EXPECT_EQ(file->text(), "x = 1\n" + text);
  const std::vector<Note> expected = {
      {NoteKind::warning, "a.py", std::nullopt, "is not valid UTF-8 (first in line 2): analysed as bytes"}};
  EXPECT_EQ(table.notes(), expected);
}

TEST_F(FileTableTest, InMemoryFilesReplaceOrJoinThoseOnDisk) {
  tree.write("b.py", "on disk\n");
  FileTable& table =
      table_of({"b.py"}, {{"b.py", "unsaved\n"}, {"a.py", "from stdin\n"}, {"notes.txt", "no"}});
  ASSERT_EQ(table.size(), 2U);
  EXPECT_EQ(table.path(FileId{0}), "a.py");
  EXPECT_EQ(table.get(FileId{0})->text(), "from stdin\n");
  EXPECT_EQ(table.load(FileId{1})->text(), "unsaved\n");
  EXPECT_TRUE(table.notes().empty());
}

TEST_F(FileTableTest, BinaryTextInMemoryIsRefusedToo) {
  FileTable& table = table_of({}, {{"a.py", std::string("\0", 1)}});
  EXPECT_EQ(table.load(FileId{0}), nullptr);
  ASSERT_EQ(table.notes().size(), 1U);
  EXPECT_EQ(table.notes()[0].message, "is binary (a NUL byte in its first 8 KB): skipped");
}

TEST_F(FileTableTest, PeekingKeepsNothing) {
  tree.write("a.py", "first\n");
  tree.write("b.py", "second file\n");
  FileTable& table = table_of({"a.py", "b.py"});
  FileReader reader(kDefaultMaxFileBytes);
  EXPECT_EQ(table.peek(FileId{0}, reader), "first\n");
  EXPECT_EQ(table.get(FileId{0}), nullptr);
  const auto text = table.peek(FileId{1}, reader);
  ASSERT_TRUE(text.has_value());
  const SourceFile* kept = table.keep(FileId{1}, *text);
  ASSERT_NE(kept, nullptr);
  EXPECT_EQ(table.peek(FileId{0}, reader), "first\n") << "the reader's buffer is used again";
  EXPECT_EQ(kept->text(), "second file\n") << "what was kept is a copy";
  EXPECT_EQ(table.peek(FileId{1}, reader)->data(), kept->text().data());
}

TEST_F(FileTableTest, ManyThreadsGetTheSameFiles) {
  std::vector<std::string> paths;
  for (char letter = 'a'; letter <= 'p'; ++letter) {
    paths.push_back(std::string(1, letter) + ".py");
    tree.write(paths.back(), letter == 'p' ? std::string("\0", 1) : "name_" + paths.back() + "\n");
  }
  FileTable& table = table_of(paths);
  std::vector<std::vector<const SourceFile*>> seen(8, std::vector<const SourceFile*>(paths.size()));
  run_workers(8, [&](unsigned worker) {
    for (std::size_t index = 0; index < paths.size(); ++index) {
      seen[worker][index] = table.load(static_cast<FileId>(index));
      if (seen[worker][index] != nullptr) (void)seen[worker][index]->lines().line_count();
    }
  });
  for (const auto& files : seen) EXPECT_EQ(files, seen[0]);
  for (std::size_t index = 0; index + 1 < paths.size(); ++index) {
    ASSERT_NE(seen[0][index], nullptr);
    EXPECT_EQ(seen[0][index]->text(), "name_" + paths[index] + "\n");
  }
  EXPECT_EQ(seen[0].back(), nullptr);
  EXPECT_EQ(table.notes().size(), 1U);
}

}  // namespace
}  // namespace lockwright::source
