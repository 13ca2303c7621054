// What is found in real trees, and what it is called.
#include "analyzer/source/discovery.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <string>
#include <vector>

#include "tests/unit/source/temp_tree.h"

namespace lockwright::source {
namespace {

using Paths = std::vector<std::string>;

class DiscoveryTest : public ::testing::Test {
 protected:
  DiscoveryOptions options(const Paths& roots) const {
    DiscoveryOptions options;
    options.roots = roots;
    options.languages = {Language::python};
    options.jobs = 2;
    options.working_directory = tree.path();
    return options;
  }

  static Paths paths_of(const Discovery& found) {
    Paths paths;
    for (const DiscoveredFile& file : found.files) paths.push_back(file.path);
    return paths;
  }

  /// What is found, when nothing goes wrong.
  Paths found(const DiscoveryOptions& with) const {
    const Discovery found = discover(with);
    for (const Note& note : found.notes) ADD_FAILURE() << note.path << " " << note.message;
    return paths_of(found);
  }

  Paths found(const Paths& roots = {"."}) const { return found(options(roots)); }

  testing::TempTree tree;
};

TEST_F(DiscoveryTest, FindsTheFilesOfTheLanguagesInOrder) {
  for (const char* path : {"b.py", "a/z.py", "a/b/c.py", "a.py", "a-b.py", ".hidden/x.py", "B.py"})
    tree.write(path);
  for (const char* path : {"a.pyi", "a.txt", "a.ts", "py", "a/x.pyc"}) tree.write(path);
  EXPECT_EQ(found(), (Paths{".hidden/x.py", "B.py", "a-b.py", "a.py", "a/b/c.py", "a/z.py", "b.py"}));
  DiscoveryOptions both = options({"."});
  both.languages = {Language::python, Language::typescript};
  const Discovery result = discover(both);
  EXPECT_EQ(result.files.size(), 8U);
  EXPECT_EQ(result.files[4], (DiscoveredFile{"a.ts", Language::typescript}));
  EXPECT_EQ(result.directories, 4U);
}

TEST_F(DiscoveryTest, PathsAreAsShortAsTheyCanBe) {
  tree.write("src/pkg/a.py");
  const Paths expected = {"src/pkg/a.py"};
  for (const std::string& root :
       {std::string("."), std::string("./"), std::string("src"), std::string("./src/"),
        std::string("src//pkg"), std::string("src/./pkg/."), std::string("src/pkg/.."),
        std::string("src/pkg/../.."), tree.path(), tree.path() + "/", tree.path("src"),
        std::string("src/pkg/a.py"), std::string("./src/pkg/a.py"), tree.path("src/pkg/a.py"),
        std::string("src/../src/pkg/a.py")}) {
    EXPECT_EQ(found({root}), expected) << root;
  }
}

TEST_F(DiscoveryTest, PathsOutsideOfTheWorkingDirectoryAreAsGiven) {
  tree.write("work/a.py");
  tree.write("other/b.py");
  DiscoveryOptions from_work = options({"../other"});
  from_work.working_directory = tree.path("work");
  EXPECT_EQ(found(from_work), (Paths{"../other/b.py"}));
  from_work.roots = {"../other/../other/./b.py"};
  EXPECT_EQ(found(from_work), (Paths{"../other/b.py"}));
  from_work.roots = {tree.path("other")};
  EXPECT_EQ(found(from_work), (Paths{tree.path("other/b.py")}));
  from_work.roots = {".."};
  EXPECT_EQ(found(from_work), (Paths{"../other/b.py", "a.py"})) << "what is below it after all, is";
  from_work.roots = {tree.path()};
  EXPECT_EQ(found(from_work), (Paths{tree.path("other/b.py"), "a.py"}));
}

TEST_F(DiscoveryTest, AFileIsFoundOnceWhateverTheRoots) {
  tree.write("src/a.py");
  tree.write("src/sub/b.py");
  tree.link("link", "src");
  const Paths expected = {"src/a.py", "src/sub/b.py"};
  EXPECT_EQ(found({"src", "src/sub", "src/a.py", ".", tree.path("src")}), expected);
  EXPECT_EQ(found({"src", "link"}), (Paths{"link/a.py", "link/sub/b.py"})) << "the first of its names";
}

TEST_F(DiscoveryTest, HonoursGitignoreFiles) {
  tree.write(".gitignore", "*.gen.py\n/out/\nbuild-*/\n!keep.gen.py\n");
  tree.write("sub/.gitignore", "local.py\n!special.gen.py\n");
  for (const char* path :
       {"a.py", "a.gen.py", "keep.gen.py", "out/x.py", "sub/out/x.py", "sub/build-1/x.py", "sub/local.py",
        "local.py", "sub/special.gen.py", "special.gen.py", "sub/deep/local.py"}) {
    tree.write(path);
  }
  EXPECT_EQ(found(), (Paths{"a.py", "keep.gen.py", "local.py", "sub/out/x.py", "sub/special.gen.py"}));
  DiscoveryOptions all = options({"."});
  all.respect_ignore_files = false;
  EXPECT_EQ(found(all).size(), 11U);
}

TEST_F(DiscoveryTest, HonoursTheIgnoreFilesAboveUpToTheRepository) {
  tree.write(".gitignore", "outside.py\n");
  tree.write("repo/.git/HEAD", "ref: refs/heads/main\n");
  tree.write("repo/.git/info/exclude", "private.py\n/src/anchored.py\n");
  tree.write("repo/.gitignore", "/src/pkg/gen.py\nname.py\n");
  tree.write("repo/src/.gitignore", "!name.py\n");
  for (const char* name : {"outside.py", "private.py", "gen.py", "name.py", "ok.py"}) {
    tree.write("repo/src/pkg/" + std::string(name));
  }
  tree.write("repo/src/anchored.py");
  const Paths expected = {"repo/src/pkg/name.py", "repo/src/pkg/ok.py", "repo/src/pkg/outside.py"};
  EXPECT_EQ(found({"repo"}), expected);
  EXPECT_EQ(found({"repo/src"}), expected);
  EXPECT_EQ(found({"repo/src/pkg"}), expected);
  EXPECT_EQ(found({"."}), expected) << "a repository within another tree is a world of its own";
}

TEST_F(DiscoveryTest, WithoutARepositoryNothingAboveTheRootCounts) {
  tree.write(".gitignore", "a.py\n");
  tree.write("sub/a.py");
  EXPECT_EQ(found({"sub"}), (Paths{"sub/a.py"}));
  EXPECT_EQ(found({"."}), Paths{});
}

TEST_F(DiscoveryTest, AWorktreesExcludesAreTheRepositorys) {
  tree.write("main/.git/HEAD", "");
  tree.write("main/.git/info/exclude", "private.py\n");
  tree.write("main/.git/worktrees/side/commondir", "../..\n");
  tree.write("side/.git", "gitdir: ../main/.git/worktrees/side\n");
  tree.write("side/private.py");
  tree.write("side/a.py");
  EXPECT_EQ(found({"side"}), (Paths{"side/a.py"}));
}

TEST_F(DiscoveryTest, IgnoreFilesBeatGits) {
  tree.write(".gitignore", "generated.py\n");
  tree.write(".ignore", "!generated.py\nvendored/\n");
  for (const char* path : {"generated.py", "vendored/a.py", "a.py"}) tree.write(path);
  EXPECT_EQ(found(), (Paths{"a.py", "generated.py"}));
}

TEST_F(DiscoveryTest, NamedFilesAreTakenWhateverIgnoresThem) {
  tree.write(".gitignore", "*.py\n");
  tree.write("ignored.py");
  tree.write("node_modules/pkg/tool.py");
  DiscoveryOptions with = options({"ignored.py", "node_modules/pkg/tool.py", "."});
  with.exclude = {"ignored.py"};
  EXPECT_EQ(found(with), (Paths{"ignored.py", "node_modules/pkg/tool.py"}));
}

TEST_F(DiscoveryTest, ANamedDirectoryIsEnteredWhateverIgnoresIt) {
  tree.write(".git/HEAD", "");
  tree.write(".gitignore", "out/\n");
  tree.write("out/a.py");
  EXPECT_EQ(found({"."}), Paths{});
  EXPECT_EQ(found({"out"}), (Paths{"out/a.py"}));
}

TEST_F(DiscoveryTest, DefaultExcludes) {
  for (const char* directory : {"node_modules", "__pycache__", ".venv", "venv", ".tox", "x/.mypy_cache",
                                ".git", "build/lib/pkg", "site-packages", "pkg.egg-info"}) {
    tree.write(std::string(directory) + "/a.py");
  }
  tree.write("src/build/goal.py");
  tree.write("venv.py");
  EXPECT_EQ(found(), (Paths{"src/build/goal.py", "venv.py"}));

  DiscoveryOptions taken_back = options({"."});
  taken_back.exclude = {"!venv", "goal.py"};
  EXPECT_EQ(found(taken_back), (Paths{"venv.py", "venv/a.py"}));

  DiscoveryOptions none = options({"."});
  none.default_exclude = {};
  EXPECT_EQ(found(none).size(), 11U) << ".git is never entered";
}

TEST_F(DiscoveryTest, ExcludesAreRelativeToTheirBase) {
  for (const char* path : {"project/src/a.py", "project/src/gen/b.py", "src/gen/c.py"}) tree.write(path);
  DiscoveryOptions with = options({"."});
  with.exclude = {"/src/gen/"};
  EXPECT_EQ(found(with), (Paths{"project/src/a.py", "project/src/gen/b.py"}));
  with.exclude_base = tree.path("project");
  EXPECT_EQ(found(with), (Paths{"project/src/a.py", "src/gen/c.py"}));
  with.exclude_base = "project";
  EXPECT_EQ(found(with), (Paths{"project/src/a.py", "src/gen/c.py"}));
  with.exclude = {"gen"};
  EXPECT_EQ(found(with), (Paths{"project/src/a.py"})) << "a name matches wherever it is";
}

TEST_F(DiscoveryTest, LinksBelowTheRootsAreNotFollowed) {
  tree.write("src/a.py");
  tree.link("src/loop", ".");
  tree.link("src/up", "..");
  tree.link("src/self", "self");
  tree.link("src/alias.py", "a.py");
  tree.link("src/dangling.py", "nowhere.py");
  tree.link("other", "src");
  EXPECT_EQ(found(), (Paths{"src/a.py"}));
}

TEST_F(DiscoveryTest, ARootThatIsALinkIsFollowed) {
  tree.write("elsewhere/deep/a.py");
  tree.link("link", "elsewhere/deep");
  tree.link("alias.py", "elsewhere/deep/a.py");
  EXPECT_EQ(found({"link"}), (Paths{"link/a.py"}));
  EXPECT_EQ(found({"alias.py"}), (Paths{"alias.py"}));
  EXPECT_EQ(found({"link/.."}), (Paths{"link/../deep/a.py"}))
      << "which is not the directory that the link is in";
}

TEST_F(DiscoveryTest, RootsThatCannotBeUsedAreBadInput) {
  tree.write("a.py");
  tree.link("one", "two");
  tree.link("two", "one");
  ASSERT_EQ(::mkfifo(tree.path("pipe.py").c_str(), 0600), 0);
  const Discovery result = discover(options({"missing", "a.py", "a.py/b.py", "", "one", "pipe.py"}));
  EXPECT_EQ(paths_of(result), (Paths{"a.py"})) << "the rest of the run goes on";
  const std::vector<Note> expected = {
      {NoteKind::bad_input, "", std::nullopt, "is an empty path"},
      {NoteKind::bad_input, "a.py/b.py", std::nullopt, "does not exist"},
      {NoteKind::bad_input, "missing", std::nullopt, "does not exist"},
      {NoteKind::bad_input, "one", std::nullopt, "cannot be read: too many levels of symbolic links"},
      {NoteKind::bad_input, "pipe.py", std::nullopt, "is neither a file nor a directory"},
  };
  EXPECT_EQ(result.notes, expected);
}

TEST_F(DiscoveryTest, NamedFilesOfOtherLanguagesGetANote) {
  tree.write("README.md");
  tree.write("a.ts");
  const Discovery result = discover(options({"./README.md", "a.ts"}));
  EXPECT_TRUE(result.files.empty());
  const std::vector<Note> expected = {
      {NoteKind::warning, "README.md", std::nullopt, "is in no language that is analysed: skipped"},
      {NoteKind::warning, "a.ts", std::nullopt, "is TypeScript, which is not analysed: skipped"},
  };
  EXPECT_EQ(result.notes, expected);
}

TEST_F(DiscoveryTest, AnUnreadableDirectoryIsANote) {
  tree.write("a.py");
  tree.write("secret/b.py");
  tree.mode("secret", 0);
  tree.mode(".", 0755);
  const testing::WithoutPrivilege unprivileged;
  if (testing::permissions_do_not_bind()) GTEST_SKIP() << "this process may read everything";
  const Discovery result = discover(options({"."}));
  EXPECT_EQ(paths_of(result), (Paths{"a.py"}));
  const std::vector<Note> expected = {
      {NoteKind::warning, "secret", std::nullopt, "cannot be read: permission denied"}};
  EXPECT_EQ(result.notes, expected);
}

TEST_F(DiscoveryTest, AnUnreadableIgnoreFileIsANote) {
  tree.write("a.py");
  tree.write(".gitignore", std::string(1'000'001, '#'));
  tree.directory(".ignore");  // not a file: of no concern
  const Discovery result = discover(options({"."}));
  EXPECT_EQ(paths_of(result), (Paths{"a.py"}));
  ASSERT_EQ(result.notes.size(), 1U);
  EXPECT_EQ(result.notes[0].path, ".gitignore");
  EXPECT_EQ(result.notes[0].kind, NoteKind::warning);
}

TEST_F(DiscoveryTest, TheNumberOfThreadsDoesNotMatter) {
  for (int i = 0; i < 200; ++i) {
    const std::string directory =
        "d" + std::to_string(i % 14) + "/e" + std::to_string(i % 5) + "/f" + std::to_string(i);
    tree.write(directory + "/a.py");
    tree.write(directory + "/b.py");
    if (i % 7 == 0) tree.write(directory + "/.gitignore", "b.py\n");
  }
  DiscoveryOptions with = options({"."});
  with.jobs = 1;
  const Discovery one = discover(with);
  EXPECT_EQ(one.files.size(), 371U);
  for (const unsigned jobs : {2U, 3U, 16U}) {
    with.jobs = jobs;
    for (int round = 0; round < 5; ++round) {
      const Discovery many = discover(with);
      EXPECT_EQ(many.files, one.files) << jobs;
      EXPECT_EQ(many.directories, one.directories) << jobs;
    }
  }
}

TEST_F(DiscoveryTest, NoRootsNoFiles) {
  EXPECT_EQ(found(Paths{}), Paths{});
}

TEST_F(DiscoveryTest, ADeepTreeIsNoProblem) {
  std::string path;
  for (int i = 0; i < 100; ++i) path += "directory/";
  tree.write(path + "a.py");
  EXPECT_EQ(found(), (Paths{path + "a.py"}));
}

TEST(DisplayPath, OfFilesThatNeedNotExist) {
  const testing::TempTree tree;
  EXPECT_EQ(display_path("./src/../new.py", tree.path()), "new.py");
  EXPECT_EQ(display_path(tree.path("new.py"), tree.path()), "new.py");
  EXPECT_EQ(display_path("/nowhere/new.py", tree.path()), "/nowhere/new.py");
}

}  // namespace
}  // namespace lockwright::source
