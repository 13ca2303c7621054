// Which module an import means: TypeScript's and Node's ways of looking, in the tree alone.
#include "analyzer/frontends/typescript/module_index.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

namespace lockwright::frontends::typescript {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// A tree of files; what a configuration file says is its text.
class ModuleIndexTest : public ::testing::Test {
 protected:
  void sources(std::vector<std::string> paths) { paths_ = std::move(paths); }
  void file(const std::string& path, const std::string& text) { files_[path] = text; }

  ModuleIndex index() {
    complaints.clear();
    const std::vector<std::string_view> views(paths_.begin(), paths_.end());
    return {views,
            [this](const std::string& path) -> std::optional<std::string> {
              const auto found = files_.find(path);
              return found == files_.end() ? std::nullopt : std::optional(found->second);
            },
            [this](const std::string& path, const std::string& message) {
              complaints.push_back(path + " " + message);
            }};
  }

  std::string resolve(const std::string& from, const std::string& specifier) {
    return index().resolve(from, specifier).value_or("");
  }

  std::vector<std::string> complaints;

 private:
  std::vector<std::string> paths_;
  std::map<std::string, std::string> files_;
};

TEST_F(ModuleIndexTest, NamesArePathsBelowTheSharedDirectory) {
  sources({"app/src/a.ts", "app/src/agents/lock.test.ts", "app/src/b.mjs"});
  const ModuleIndex made = index();
  EXPECT_EQ(made.name(0), "a.ts");
  EXPECT_EQ(made.name(1), "agents/lock.test.ts");
  EXPECT_EQ(made.file_of("b.mjs"), 2U);
  EXPECT_EQ(made.file_of("c.ts"), std::nullopt);
  EXPECT_FALSE(made.is_tsx(0));
  EXPECT_TRUE(made.is_tsx(2));
}

TEST_F(ModuleIndexTest, QualifiedNamesBelongToTheLongestModule) {
  sources({"src/a.ts", "src/a.test.ts", "main.js"});
  const ModuleIndex made = index();
  EXPECT_EQ(made.module_of("src/a.test.ts.Lock.release"), "src/a.test.ts");
  EXPECT_EQ(made.module_of("src/a.ts.f.<locals>.g"), "src/a.ts");
  EXPECT_EQ(made.module_of("src/a.ts"), "src/a.ts");
  EXPECT_EQ(made.module_of("node:fs.open"), std::nullopt);
  EXPECT_EQ(made.module_of(""), std::nullopt);
}

TEST_F(ModuleIndexTest, Tests) {
  const std::vector<std::pair<std::string, bool>> all = {
      {"src/a.ts", false},          {"src/a.test.ts", true},     {"src/a.spec.tsx", true},
      {"src/__tests__/a.ts", true}, {"__mocks__/fs.js", true},   {"packages/x/test/a.ts", true},
      {"tests/a.ts", true},         {"e2e/a.ts", true},          {"src/testing/a.ts", false},
      {"src/latest/a.ts", false},   {"src/test-utils.ts", false}};
  std::vector<std::string> paths;
  for (const auto& [path, test] : all) paths.push_back(path);
  sources(paths);
  const ModuleIndex made = index();
  for (std::size_t i = 0; i < all.size(); ++i) EXPECT_EQ(made.is_test(i), all[i].second) << all[i].first;
}

TEST_F(ModuleIndexTest, RelativeSpecifiers) {
  sources(
      {"src/main.ts", "src/lock.ts", "src/fs/index.ts", "src/view.tsx", "src/old.js", "lib/x.mts", "a.ts"});
  EXPECT_EQ(resolve("src/main.ts", "./lock"), "src/lock.ts");
  EXPECT_EQ(resolve("src/main.ts", "./lock.ts"), "src/lock.ts");
  EXPECT_EQ(resolve("src/main.ts", "./lock.js"), "src/lock.ts");
  EXPECT_EQ(resolve("src/main.ts", "./view.js"), "src/view.tsx");
  EXPECT_EQ(resolve("src/main.ts", "./old.js"), "src/old.js");
  EXPECT_EQ(resolve("src/main.ts", "./fs"), "src/fs/index.ts");
  EXPECT_EQ(resolve("src/main.ts", "./fs/"), "src/fs/index.ts");
  EXPECT_EQ(resolve("src/main.ts", "./fs/index.js"), "src/fs/index.ts");
  EXPECT_EQ(resolve("src/fs/index.ts", ".."), "");
  EXPECT_EQ(resolve("src/fs/index.ts", "."), "src/fs/index.ts");
  EXPECT_EQ(resolve("src/main.ts", "../lib/x.mjs"), "lib/x.mts");
  EXPECT_EQ(resolve("src/main.ts", "../a"), "a.ts");
  EXPECT_EQ(resolve("src/main.ts", "./missing"), "");
  EXPECT_EQ(resolve("src/main.ts", "../../../a"), "");
  EXPECT_EQ(resolve("src/main.ts", "./lock?worker"), "src/lock.ts");
}

TEST_F(ModuleIndexTest, NodesModulesAndUnknownPackagesAreNotInTheTree) {
  sources({"src/main.ts", "src/fs.ts", "root.ts"});
  EXPECT_EQ(resolve("src/main.ts", "node:fs"), "");
  EXPECT_EQ(resolve("src/main.ts", "fs"), "");
  EXPECT_EQ(resolve("src/main.ts", "proper-lockfile"), "");
  EXPECT_EQ(resolve("src/main.ts", "@scope/name/sub"), "");
  EXPECT_EQ(resolve("src/main.ts", "@scope"), "");
}

TEST_F(ModuleIndexTest, PathsOfTheConfiguration) {
  sources({"app/src/main.ts", "app/src/agents/lock.ts", "app/src/env.ts", "app/vendor/log.ts"});
  file("app/tsconfig.json", R"({
    // what TypeScript allows here
    "compilerOptions": {
      "paths": { "@/*": ["./src/*"], "~env": ["./src/env.ts"], "@/log": ["./missing", "./vendor/log"], },
    },
  })");
  EXPECT_EQ(resolve("src/main.ts", "@/agents/lock"), "src/agents/lock.ts");
  EXPECT_EQ(resolve("src/main.ts", "@/agents/lock.js"), "src/agents/lock.ts");
  EXPECT_EQ(resolve("src/main.ts", "~env"), "src/env.ts");
  EXPECT_EQ(resolve("src/main.ts", "@/log"), "vendor/log.ts");
  EXPECT_EQ(resolve("src/main.ts", "@/none"), "");
  EXPECT_THAT(complaints, IsEmpty());
}

TEST_F(ModuleIndexTest, BaseUrl) {
  sources({"src/main.ts", "src/agents/lock.ts", "root.ts"});
  file("tsconfig.json", R"({"compilerOptions": {"baseUrl": "src", "paths": {"#/*": ["agents/*"]}}})");
  EXPECT_EQ(resolve("src/main.ts", "agents/lock"), "src/agents/lock.ts");
  EXPECT_EQ(resolve("src/main.ts", "#/lock"), "src/agents/lock.ts");
}

TEST_F(ModuleIndexTest, ExtendedAndReferredConfigurations) {
  sources({"packages/a/src/main.ts", "packages/a/src/lock.ts", "apps/web/main.ts", "apps/web/lib/lock.ts"});
  file("tsconfig.base.json",
       R"({"compilerOptions": {"baseUrl": ".", "paths": {"@a/*": ["packages/a/src/*"]}}})");
  file("packages/a/tsconfig.json",
       R"({"extends": ["@tsconfig/node20/tsconfig.json", "../../tsconfig.base"]})");
  file("apps/web/tsconfig.json", R"({"files": [], "references": [{"path": "./tsconfig.app.json"}]})");
  file("apps/web/tsconfig.app.json",
       R"({"extends": "./tsconfig.json", "compilerOptions": {"paths": {"@/*": ["./lib/*"]}}})");
  EXPECT_EQ(resolve("packages/a/src/main.ts", "@a/lock"), "packages/a/src/lock.ts");
  EXPECT_EQ(resolve("apps/web/main.ts", "@/lock"), "apps/web/lib/lock.ts");
}

TEST_F(ModuleIndexTest, TheNearestConfigurationCountsFirst) {
  sources({"a/x.ts", "a/main.ts", "x.ts", "main.ts"});
  file("tsconfig.json", R"({"compilerOptions": {"paths": {"@/*": ["./*"]}}})");
  file("a/tsconfig.json", R"({"compilerOptions": {"paths": {"@/*": ["./*"]}}})");
  EXPECT_EQ(resolve("a/main.ts", "@/x"), "a/x.ts");
  EXPECT_EQ(resolve("main.ts", "@/x"), "x.ts");
}

TEST_F(ModuleIndexTest, PackagesOfTheTree) {
  sources({"packages/core/src/index.ts", "packages/core/src/utils/lock.ts", "packages/cli/index.ts",
           "packages/plain/index.js", "packages/map/src/features/lock.ts", "packages/map/src/main.ts",
           "root.ts"});
  file("packages/core/package.json", R"({"name": "@scope/core", "main": "dist/index.js"})");
  file("packages/plain/package.json", R"({"name": "plain"})");
  file("packages/map/package.json", R"({"name": "map", "exports": {
    ".": {"types": "./dist/main.d.ts", "default": "./dist/main.js"},
    "./features/*": {"import": "./dist/features/*.js"}}})");
  EXPECT_EQ(resolve("packages/cli/index.ts", "@scope/core"), "packages/core/src/index.ts");
  EXPECT_EQ(resolve("packages/cli/index.ts", "@scope/core/utils/lock.js"), "packages/core/src/utils/lock.ts");
  EXPECT_EQ(resolve("packages/cli/index.ts", "@scope/core/dist/utils/lock.js"),
            "packages/core/src/utils/lock.ts");
  EXPECT_EQ(resolve("packages/cli/index.ts", "plain"), "packages/plain/index.js");
  EXPECT_EQ(resolve("packages/cli/index.ts", "map"), "packages/map/src/main.ts");
  EXPECT_EQ(resolve("packages/cli/index.ts", "map/features/lock"), "packages/map/src/features/lock.ts");
  EXPECT_EQ(resolve("packages/cli/index.ts", "@scope/other"), "");
}

TEST_F(ModuleIndexTest, ImportsOfAPackage) {
  sources({"src/main.ts", "src/lib/lock.ts", "other/x.ts"});
  file("package.json",
       R"({"imports": {"#lib/*": "./src/lib/*.js", "#main": {"default": "./dist/main.js"}}})");
  EXPECT_EQ(resolve("src/main.ts", "#lib/lock"), "src/lib/lock.ts");
  EXPECT_EQ(resolve("src/main.ts", "#main"), "src/main.ts");
  EXPECT_EQ(resolve("src/main.ts", "#none"), "");
}

TEST_F(ModuleIndexTest, AConfigurationThatIsNotJsonIsSaidAndDoesNotMatter) {
  sources({"src/main.ts", "src/lock.ts", "root.ts"});
  file("package.json", "{\"name\": \"x\",\n \"main\": }");
  file("tsconfig.json", "[]");
  file("src/tsconfig.json", "{{{");
  EXPECT_EQ(resolve("src/main.ts", "./lock"), "src/lock.ts");
  EXPECT_THAT(complaints,
              ElementsAre("package.json is not JSON (line 2): imports are resolved without it",
                          "src/tsconfig.json is not JSON (line 1): imports are resolved without it"));
}

TEST_F(ModuleIndexTest, ConfigurationsThatExtendThemselvesEnd) {
  sources({"main.ts"});
  file("tsconfig.json",
       R"({"extends": "./tsconfig.json", "compilerOptions": {"paths": {"a": 5, "b": [7]}}})");
  file("package.json", R"({"name": 5, "exports": {"a": [[[[[[[["x"]]]]]]]]}, "imports": []})");
  EXPECT_EQ(resolve("main.ts", "a"), "");
}

TEST_F(ModuleIndexTest, WordsOfAnImport) {
  sources(
      {"packages/core/src/index.ts", "packages/core/src/session-lock.ts", "packages/core/src/a/index.ts"});
  file("packages/core/package.json", R"({"name": "@scope/core"})");
  const ModuleIndex made = index();
  EXPECT_THAT(made.import_words("session-lock.ts"), ElementsAre("session-lock"));
  EXPECT_THAT(made.import_words("a/index.ts"), ElementsAre("a"));
  EXPECT_THAT(made.import_words("index.ts"), ElementsAre("src", "@scope/core"));
}

}  // namespace
}  // namespace lockwright::frontends::typescript
