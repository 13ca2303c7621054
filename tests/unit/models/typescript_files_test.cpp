// Node's files, as rules/models/typescript.json has them.
#include "tests/unit/models/model_fixture.h"

namespace lockwright::models {
namespace {

using ::testing::ElementsAre;

class TypeScriptFilesTest : public TypeScriptModelTest {
 protected:
  std::string opened(const ir::Argument& flags) { return called("node:fs.openSync", {path(), flags})[0]; }
};

TEST_F(TypeScriptFilesTest, OpenFlags) {
  EXPECT_EQ(opened(words("r")), "open(file=$1 handle=#7); -> #7: node:fs.FileDescriptor");
  EXPECT_EQ(opened(words("r+")), "open(file=$1 handle=#7 writable); -> #7: node:fs.FileDescriptor");
  EXPECT_EQ(opened(words("w+")),
            "open(file=$1 handle=#7 create truncate writable); -> #7: node:fs.FileDescriptor");
  EXPECT_EQ(opened(words("a")), "open(file=$1 handle=#7 create writable); -> #7: node:fs.FileDescriptor");
  EXPECT_EQ(opened(words("wx")),
            "open(file=$1 handle=#7 create exclusive writable); -> #7: node:fs.FileDescriptor");
  EXPECT_EQ(opened(words("ax+")),
            "open(file=$1 handle=#7 create exclusive writable); -> #7: node:fs.FileDescriptor");
  EXPECT_THAT(fields_of(0), ElementsAre("#7.<file>=$1"));
}

TEST_F(TypeScriptFilesTest, OpenConstants) {
  const auto constants = [&](std::initializer_list<const char*> names) {
    return ir::Argument{.value = flags(names)};
  };
  EXPECT_EQ(opened(constants(
                {"node:fs.constants.O_CREAT", "node:fs.constants.O_EXCL", "node:fs.constants.O_WRONLY"})),
            "open(file=$1 handle=#7 create exclusive writable); -> #7: node:fs.FileDescriptor");
  EXPECT_EQ(opened(constants({"node:fs/promises.constants.O_CREAT", "node:fs/promises.constants.O_TRUNC",
                              "node:fs/promises.constants.O_RDWR"})),
            "open(file=$1 handle=#7 create truncate writable); -> #7: node:fs.FileDescriptor");
  EXPECT_EQ(opened(constants({"node:fs.constants.O_RDONLY"})),
            "open(file=$1 handle=#7); -> #7: node:fs.FileDescriptor");
}

TEST_F(TypeScriptFilesTest, AnExclusiveCreateMayBeRefused) {
  EXPECT_THAT(called("node:fs/promises.open", {path(), words("wx")}),
              ElementsAre("open(file=$1 handle=#7 create exclusive writable); -> #7: node:fs.FileHandle",
                          "open(file=$1 create exclusive writable refused); raises node:error.EEXIST",
                          "raises node:error.SystemError"));
  EXPECT_TRUE(last.promise);
  EXPECT_THAT(fields_of(0), ElementsAre("#7.<file>=$1", "#7.fd=#7"));
  EXPECT_EQ(to_string(terms, last.outcomes[1].raised), "node:error.EEXIST(code=\"EEXIST\")");
}

TEST_F(TypeScriptFilesTest, TheCallbackHearsOfIt) {
  EXPECT_THAT(called("node:fs.open", {path(), words("wx"), function()}),
              ElementsAre("open(file=$1 handle=#7 create exclusive writable); now suspends "
                          "m.f.<locals>.done(null, #7); -> #7: node:fs.FileDescriptor",
                          "open(file=$1 create exclusive writable refused); now suspends "
                          "m.f.<locals>.done(node:error.EEXIST(code=\"EEXIST\")); -> null",
                          "now suspends m.f.<locals>.done(node:error.SystemError()); -> null"));
  EXPECT_FALSE(last.promise);
  EXPECT_THAT(called("node:fs.unlink", {path(), function()}),
              ElementsAre("unlink(file=$1); now suspends m.f.<locals>.done(null); -> null",
                          "unlink(file=$1 refused); now suspends "
                          "m.f.<locals>.done(node:error.SystemError()); -> null"));
}

TEST_F(TypeScriptFilesTest, APromisifiedFunctionIsOneWithoutCallback) {
  EXPECT_EQ(called("node:util.promisify", {{.value = terms.global("node:fs.open")}})[0], "-> node:fs.open");
  EXPECT_EQ(called("node:fs.open", {path(), words("wx")})[1],
            "open(file=$1 create exclusive writable refused); raises node:error.EEXIST");
  EXPECT_TRUE(last.promise);
}

TEST_F(TypeScriptFilesTest, WholeFiles) {
  EXPECT_EQ(called("node:fs.writeFileSync", {path(), words("1")})[0],
            "open(file=$1 handle=#7 create truncate writable); write(file=$1 handle=#7 value=\"1\"); "
            "close(file=$1 handle=#7); -> null");
  EXPECT_EQ(called("node:fs/promises.writeFile", {path(), words("1"), options("flag", text("wx"))})[0],
            "open(file=$1 handle=#7 create exclusive writable); write(file=$1 handle=#7 value=\"1\"); "
            "close(file=$1 handle=#7); -> null");
  EXPECT_EQ(called("node:fs.appendFileSync", {path(), words("1")})[0],
            "open(file=$1 handle=#7 create writable); write(file=$1 handle=#7 value=\"1\"); "
            "close(file=$1 handle=#7); -> null");
  EXPECT_EQ(called("node:fs.readFileSync", {path(), words("utf8")})[0],
            "open(file=$1 handle=#7); read(file=$1 handle=#7 value=#7); close(file=$1 handle=#7); -> #7: "
            "globalThis.String");
  types[parameter(1)] = "node:fs.FileDescriptor";
  EXPECT_EQ(called("node:fs.writeFileSync", {path(), words("1")})[0],
            "write(handle=$1 value=\"1\"); -> null");
  EXPECT_EQ(called("node:fs.readFileSync", {path()})[0],
            "read(handle=$1 value=#7); -> #7: globalThis.String");
}

TEST_F(TypeScriptFilesTest, Handles) {
  EXPECT_EQ(sent("node:fs.FileHandle", "writeFile", {words("1")})[0],
            "write(handle=$0 value=\"1\"); -> null");
  EXPECT_TRUE(last.promise);
  EXPECT_THAT(sent("node:fs/promises.FileHandle", "close"), ElementsAre("close(handle=$0); -> null"));
  EXPECT_EQ(sent("*", "close")[0], "close(handle=$0); -> ?");
  EXPECT_EQ(sent("*", "writeFile", {words("1")})[0], "write(handle=$0 value=\"1\"); -> null");
  EXPECT_EQ(sent("*", "writeFile", {path(), words("1"), words("x")})[0],
            "open(file=$1 handle=#7 create truncate writable); write(file=$1 handle=#7 value=\"1\"); "
            "close(file=$1 handle=#7); -> null");
}

TEST_F(TypeScriptFilesTest, Directories) {
  EXPECT_THAT(called("node:fs/promises.mkdir", {path()}),
              ElementsAre("make-directory(file=$1 exclusive); -> null",
                          "make-directory(file=$1 exclusive refused); raises node:error.EEXIST",
                          "raises node:error.SystemError"));
  EXPECT_EQ(called("node:fs.mkdirSync", {path(), options("recursive", terms.boolean(true))})[0],
            "make-directory(file=$1 create); -> null");
  EXPECT_EQ(sent("*", "mkdir", {path(), function()})[0],
            "make-directory(file=$1 exclusive); now suspends m.f.<locals>.done(null); -> null");
}

TEST_F(TypeScriptFilesTest, Names) {
  const ir::Argument other{.value = parameter(2)};
  EXPECT_EQ(called("node:fs/promises.rename", {path(), other})[0], "rename(file=$1 other=$2); -> null");
  EXPECT_EQ(called("node:fs.linkSync", {path(), other})[0], "link(file=$1 other=$2 exclusive); -> null");
  EXPECT_THAT(called("node:fs/promises.rm", {path(), options("force", terms.boolean(true))}),
              ElementsAre("unlink(file=$1); -> null", "raises node:error.EPERM"));
  EXPECT_EQ(called("node:fs.copyFileSync",
                   {path(), other, {.value = terms.global("node:fs.constants.COPYFILE_EXCL")}})[1],
            "open(file=$2 create exclusive writable refused); raises node:error.EEXIST");
  EXPECT_EQ(called("node:fs/promises.stat", {path()})[1],
            "exists(file=$1 refused); raises node:error.ENOENT");
  EXPECT_THAT(called("node:fs.existsSync", {path()}), ElementsAre("exists(file=$1 value=#7); -> #7"));
}

TEST_F(TypeScriptFilesTest, Paths) {
  EXPECT_EQ(called("node:path.join", {path(), words("x.lock")})[0], "-> f\"{$1}/x.lock\"");
  EXPECT_EQ(called("node:path.resolve", {path()})[0], "-> $1");
  EXPECT_EQ(called("node:path.dirname", {path()})[0], "-> $1.parent");
}

}  // namespace
}  // namespace lockwright::models
