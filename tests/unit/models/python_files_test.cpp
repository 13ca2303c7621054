// Python's files and paths, as rules/models/python.json has them.
#include "tests/unit/models/model_fixture.h"

namespace lockwright::models {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class PythonFilesTest : public PythonModelTest {
 protected:
  ir::Argument path() { return {.value = parameter(1)}; }
  std::string opened(std::string_view mode) {
    return called("builtins.open", {path(), {.value = text(mode)}})[0];
  }
};

TEST_F(PythonFilesTest, OpenModes) {
  EXPECT_EQ(opened("r"), "open(file=$1 handle=#7 collected); -> #7: builtins.file");
  EXPECT_EQ(opened("r+"), "open(file=$1 handle=#7 writable collected); -> #7: builtins.file");
  EXPECT_EQ(opened("a+b"), "open(file=$1 handle=#7 create writable collected); -> #7: builtins.file");
  EXPECT_EQ(opened("w"), "open(file=$1 handle=#7 create truncate writable collected); -> #7: builtins.file");
  EXPECT_EQ(opened("xb"),
            "open(file=$1 handle=#7 create exclusive writable collected); -> #7: builtins.file");
  EXPECT_THAT(fields_of(0), ElementsAre("#7.<file>=$1", "#7.name=$1"));
}

TEST_F(PythonFilesTest, OpenReadsByDefault) {
  EXPECT_THAT(
      called("builtins.open", {path()}),
      ElementsAre("open(file=$1 handle=#7 collected); -> #7: builtins.file", "raises builtins.OSError"));
}

TEST_F(PythonFilesTest, AnExclusiveCreateMayBeRefused) {
  EXPECT_THAT(called("io.open", {named("mode", text("x")), named("file", parameter(1))}),
              ElementsAre("open(file=$1 handle=#7 create exclusive writable collected); -> #7: builtins.file",
                          "open(file=$1 create exclusive writable refused); raises builtins.FileExistsError",
                          "raises builtins.OSError"));
}

TEST_F(PythonFilesTest, AModeThatIsNotKnownIsAskedFor) {
  EXPECT_THAT(called("builtins.open", {path(), {.value = parameter(2)}}),
              ElementsAre("open(file=$1 handle=#7 writable collected); -> #7: builtins.file",
                          "raises builtins.OSError"));
  EXPECT_THAT(consulted(), ElementsAre("true", "$2"));
}

TEST_F(PythonFilesTest, OpenOfADescriptorIsTheSameHandle) {
  types[parameter(1)] = "os.descriptor";
  EXPECT_THAT(called("builtins.open", {path(), {.value = text("w")}}), ElementsAre("-> $1: builtins.file"));
  EXPECT_THAT(called("os.fdopen", {path(), {.value = text("w")}}), ElementsAre("-> $1: builtins.file"));
  EXPECT_THAT(called("builtins.open", {path(), named("closefd", terms.boolean(false))}),
              ElementsAre("-> #7: builtins.file"));
  EXPECT_THAT(fields_of(0), ElementsAre("#7.<file>=$1.<file>"));
}

TEST_F(PythonFilesTest, OpenAsAMethod) {
  EXPECT_EQ(sent("pathlib.PosixPath", "open", {{.value = text("w")}})[0],
            "open(file=$0 handle=#7 create truncate writable collected); -> #7: builtins.file");
  EXPECT_EQ(sent("*", "open")[0], "open(file=$0 handle=#7 collected); -> #7: builtins.file");
  EXPECT_THAT(sent("*", "open", {path(), {.value = text("rb")}}), ElementsAre("-> #7", "raises anything"));
}

TEST_F(PythonFilesTest, DescriptorsAndTheirFlags) {
  EXPECT_THAT(
      called("os.open",
             {path(), {.value = flags({"os.O_RDWR", "os.O_CREAT", "os.O_TRUNC"})}, {.value = number(0600)}}),
      ElementsAre("open(file=$1 handle=#7 create truncate writable); -> #7: os.descriptor",
                  "raises builtins.OSError"));
  EXPECT_EQ(called("os.open", {path(), {.value = terms.global("os.O_RDONLY")}})[0],
            "open(file=$1 handle=#7); -> #7: os.descriptor");
  EXPECT_THAT(called("os.open", {path(), {.value = flags({"os.O_CREAT", "os.O_EXCL", "os.O_WRONLY"})}}),
              ElementsAre("open(file=$1 handle=#7 create exclusive writable); -> #7: os.descriptor",
                          "open(file=$1 create exclusive writable refused); raises builtins.FileExistsError",
                          "raises builtins.OSError"));
  EXPECT_THAT(fields_of(0), ElementsAre("#7.<file>=$1"));
}

TEST_F(PythonFilesTest, DescriptorOperations) {
  EXPECT_THAT(called("os.close", {path()}), ElementsAre("close(handle=$1); -> null"));
  EXPECT_EQ(called("os.write", {path(), {.value = text("x")}})[0], "write(handle=$1 value=\"x\"); -> ?");
  EXPECT_EQ(called("os.read", {path(), {.value = number(9)}})[0],
            "read(handle=$1 value=#7); -> #7: builtins.str");
  EXPECT_EQ(called("os.ftruncate", {path(), {.value = number(0)}})[0], "truncate(handle=$1); -> null");
  EXPECT_EQ(called("os.fsync", {path()})[0], "sync(handle=$1); -> null");
  EXPECT_EQ(called("os.fstat", {path()})[0], "exists(handle=$1 value=#7); -> #7: os.stat_result");
  EXPECT_EQ(called("os.dup", {path()})[0], "-> $1");
}

TEST_F(PythonFilesTest, FileObjects) {
  for (const char* type : {"builtins.file", "typing.TextIO", "*"}) {
    EXPECT_EQ(sent(type, "read")[0], "read(handle=$0 value=#7); -> #7: builtins.str");
    EXPECT_EQ(sent(type, "write", {{.value = text("x")}})[0], "write(handle=$0 value=\"x\" buffered); -> ?");
    EXPECT_EQ(sent(type, "truncate")[0], "truncate(handle=$0); -> ?");
    EXPECT_EQ(sent(type, "flush")[0], "flush(handle=$0); -> null");
    EXPECT_THAT(sent(type, "seek", {{.value = number(0)}}), ElementsAre("flush(handle=$0); -> ?"));
    EXPECT_THAT(sent(type, "tell"), ElementsAre("-> ?"));
    EXPECT_THAT(sent(type, "close"), ElementsAre("close(handle=$0); -> null"));
    EXPECT_THAT(sent(type, "fileno"), ElementsAre("-> $0"));
  }
  EXPECT_THAT(sent("builtins.file", "__enter__"), ElementsAre("-> $0"));
  EXPECT_THAT(sent("builtins.file", "__exit__", {named("exception", terms.null())}),
              ElementsAre("close(handle=$0); -> null"));
}

TEST_F(PythonFilesTest, AiofilesSuspends) {
  EXPECT_EQ(called("aiofiles.open", {path(), {.value = text("w")}})[0],
            "await; open(file=$1 handle=#7 create truncate writable collected); -> #7: aiofiles.file");
  EXPECT_EQ(sent("aiofiles.file", "write", {{.value = text("x")}})[0],
            "await; write(handle=$0 value=\"x\" buffered); -> ?");
  EXPECT_EQ(sent("aiofiles.file", "__aexit__")[0], "await; close(handle=$0); -> null");
}

TEST_F(PythonFilesTest, NamesComeAndGo) {
  EXPECT_THAT(called("os.unlink", {path()}),
              ElementsAre("unlink(file=$1); -> null", "raises builtins.OSError"));
  EXPECT_THAT(sent("*", "unlink"), ElementsAre("unlink(file=$0); -> null", "raises builtins.OSError"));
  EXPECT_THAT(sent("pathlib.Path", "unlink", {named("missing_ok", terms.boolean(true))}),
              ElementsAre("unlink(file=$0); -> null", "raises builtins.PermissionError"));
  EXPECT_EQ(called("os.replace", {{.value = text("a")}, {.value = text("b")}})[0],
            "rename(file=\"a\" other=\"b\"); -> null");
  EXPECT_EQ(sent("pathlib.Path", "replace", {path()})[0], "rename(file=$0 other=$1); -> $1");
  EXPECT_EQ(called("os.link", {{.value = text("a")}, {.value = text("b")}})[1],
            "link(file=\"a\" other=\"b\" exclusive refused); raises builtins.FileExistsError");
  EXPECT_EQ(sent("*", "symlink_to", {path()})[0], "link(file=$1 other=$0 exclusive); -> null");
}

TEST_F(PythonFilesTest, ReplaceOfTextAndOfPaths) {
  EXPECT_THAT(sent("*", "replace", {{.value = text("/")}, {.value = text("_")}}),
              ElementsAre("-> $0.replace(\"/\", \"_\")"));
  EXPECT_EQ(sent("*", "replace", {path()})[0], "rename(file=$0 other=$1); -> $1");
  EXPECT_THAT(sent("*", "replace", {named("tzinfo", terms.null())}),
              ElementsAre("-> $0.replace(tzinfo=null)"));
}

TEST_F(PythonFilesTest, DirectoriesAreExclusiveUnlessTheyMayExist) {
  EXPECT_THAT(called("os.mkdir", {path()}),
              ElementsAre("make-directory(file=$1 exclusive); -> null",
                          "make-directory(file=$1 exclusive refused); raises builtins.FileExistsError",
                          "raises builtins.OSError"));
  EXPECT_THAT(called("os.makedirs", {path(), named("exist_ok", terms.boolean(true))}),
              ElementsAre("make-directory(file=$1 create); -> null", "raises builtins.OSError"));
  EXPECT_EQ(sent("*", "mkdir", {named("parents", terms.boolean(true))})[0],
            "make-directory(file=$0 exclusive); -> null");
  EXPECT_EQ(sent("*", "mkdir", {named("exist_ok", terms.boolean(true))})[0],
            "make-directory(file=$0 create); -> null");
  EXPECT_EQ(sent("*", "mkdir", {named("exist_ok", parameter(1))}).size(), 3U);
  EXPECT_THAT(consulted(), ElementsAre("$1"));
}

TEST_F(PythonFilesTest, Touch) {
  EXPECT_THAT(
      sent("pathlib.Path", "touch"),
      ElementsAre("open(file=$0 handle=#7 create writable collected); close(file=$0 handle=#7); -> null",
                  "open(file=$0 create writable refused); raises builtins.OSError"));
  EXPECT_THAT(
      sent("*", "touch", {named("exist_ok", terms.boolean(false))}),
      ElementsAre(
          "open(file=$0 handle=#7 create exclusive writable collected); close(file=$0 handle=#7); -> null",
          "open(file=$0 create exclusive writable refused); raises builtins.FileExistsError",
          "raises builtins.OSError"));
}

TEST_F(PythonFilesTest, WholeFiles) {
  EXPECT_EQ(sent("*", "read_text")[0],
            "open(file=$0 handle=#7 collected); read(file=$0 handle=#7 value=#7); close(file=$0 handle=#7); "
            "-> #7: builtins.str");
  EXPECT_EQ(described()[1], "open(file=$0 refused); raises builtins.OSError");
  EXPECT_EQ(
      sent("*", "write_text", {{.value = text("x")}})[0],
      "open(file=$0 handle=#7 create truncate writable collected); write(file=$0 handle=#7 value=\"x\"); "
      "close(file=$0 handle=#7); -> ?");
}

TEST_F(PythonFilesTest, LookingWhetherAFileIsThere) {
  EXPECT_THAT(called("os.path.exists", {path()}), ElementsAre("exists(file=$1 value=#7); -> #7"));
  EXPECT_THAT(sent("*", "exists"), ElementsAre("exists(file=$0 value=#7); -> #7"));
  EXPECT_THAT(sent("*", "exists", {path()}), ElementsAre("-> #7", "raises anything"));
  EXPECT_THAT(called("os.stat", {path()}),
              ElementsAre("exists(file=$1 value=#7); -> #7: os.stat_result",
                          "exists(file=$1 refused); raises builtins.FileNotFoundError",
                          "raises builtins.PermissionError"));
}

TEST_F(PythonFilesTest, OnePathIsOneTerm) {
  const ir::Argument name{.value = text("a.lock")};
  EXPECT_THAT(called("pathlib.Path", {path()}), ElementsAre("-> $1"));
  EXPECT_THAT(called("pathlib.Path", {path(), name}), ElementsAre("-> f\"{$1}/a.lock\""));
  const ir::Term joined = last.outcomes[0].result;
  called("os.path.join", {path(), name});
  EXPECT_EQ(last.outcomes[0].result, joined);
  sent("*", "joinpath", {name});
  EXPECT_EQ(to_string(terms, last.outcomes[0].result), "f\"{$0}/a.lock\"");
  EXPECT_THAT(called("builtins.str", {path()}), ElementsAre("-> $1"));
  EXPECT_THAT(called("os.fspath", {path()}), ElementsAre("-> $1"));
  EXPECT_THAT(called("os.path.abspath", {path()}), ElementsAre("-> $1"));
  EXPECT_THAT(sent("*", "resolve"), ElementsAre("-> $0"));
  EXPECT_THAT(called("os.path.dirname", {path()}), ElementsAre("-> $1.parent"));
}

TEST_F(PythonFilesTest, TemporaryNamesAreNew) {
  EXPECT_THAT(
      called("tempfile.mkstemp"),
      ElementsAre("open(file=#7.name handle=#7 create exclusive writable); -> builtins.tuple(#7, #7.name)",
                  "raises builtins.OSError"));
  EXPECT_THAT(fields_of(0), ElementsAre("#7.<file>=#7.name"));
  EXPECT_EQ(called("tempfile.NamedTemporaryFile")[0],
            "open(file=#7.name handle=#7 create exclusive writable collected); -> #7: builtins.file");
}

TEST_F(PythonFilesTest, Serializers) {
  const ir::Argument object{.value = parameter(2)};
  EXPECT_THAT(
      called("json.load", {path()}),
      ElementsAre("read(handle=$1 value=#7); -> #7",
                  "read(handle=$1 value=#7); probe(content key=#7 refused); raises json.JSONDecodeError",
                  "raises builtins.OSError"));
  EXPECT_EQ(called("json.dump", {object, path(), named("indent", number(2))})[0],
            "write(handle=$1 value=$2 buffered); -> null");
  EXPECT_THAT(called("json.loads", {object}),
              ElementsAre("-> json.loads($2)", "probe(content key=$2 refused); raises json.JSONDecodeError"));
  EXPECT_EQ(called("pickle.dump", {object, path()})[0], "write(handle=$1 value=$2 buffered); -> null");
  EXPECT_EQ(called("yaml.safe_load", {{.value = text("a: 1")}})[0], "-> yaml.safe_load(\"a: 1\")");
  EXPECT_EQ(called("yaml.safe_load", {path()})[0], "read(handle=$1 value=#7); -> #7");
  EXPECT_EQ(called("yaml.dump", {object})[0], "-> yaml.dump($2)");
  EXPECT_EQ(called("yaml.dump", {object, path()})[0], "write(handle=$1 value=$2 buffered); -> null");
}

TEST_F(PythonFilesTest, PrintToAFile) {
  EXPECT_THAT(called("builtins.print", {path(), path()}), ElementsAre("-> null"));
  EXPECT_THAT(called("builtins.print", {path(), named("file", parameter(2))}),
              ElementsAre("write(handle=$2 buffered); -> null"));
  EXPECT_THAT(called("builtins.print", {path(), named("file", terms.global("sys.stderr"))}),
              ElementsAre("-> null"));
}

TEST_F(PythonFilesTest, WhatCannotFailDoesNotRaise) {
  for (const char* name :
       {"builtins.len", "builtins.isinstance", "builtins.print", "builtins.repr", "logging.info", "time.time",
        "time.sleep", "os.getpid", "os.environ.get", "os.path.exists", "uuid.uuid4", "threading.Lock",
        "datetime.datetime.now", "builtins.ValueError", "os.close", "logging.getLogger"}) {
    EXPECT_EQ(called(name, {path()}).size(), 1U) << name;
    EXPECT_EQ(last.outcomes[0].raised, ir::Term::none) << name;
  }
  for (const char* name : {"debug", "info", "warning", "error", "exception", "get", "append", "strip",
                           "split", "format", "items", "isoformat", "setdefault", "add", "close"}) {
    EXPECT_EQ(sent("*", name, {path()}).size(), 1U) << name;
    EXPECT_EQ(last.outcomes[0].raised, ir::Term::none) << name;
  }
}

TEST_F(PythonFilesTest, Registries) {
  const ir::Argument key{.value = parameter(1)};
  const ir::Argument fallback{.value = terms.null()};
  EXPECT_THAT(called("operator.getitem", {{.value = parameter(0)}, key}),
              ElementsAre("look-up(handle=$0 key=$1); -> $0[$1]",
                          "look-up(handle=$0 key=$1 refused); raises builtins.LookupError"));
  EXPECT_THAT(called("operator.getitem", {{.value = parameter(0)}, {.value = number(0)}}),
              ElementsAre("-> $0[0]"));
  EXPECT_THAT(consulted(), IsEmpty());
  EXPECT_THAT(called("operator.contains", {{.value = parameter(0)}, key}),
              ElementsAre("look-up(handle=$0 key=$1 value=#7); -> #7"));
  EXPECT_EQ(called("operator.delitem", {{.value = parameter(0)}, key})[0],
            "erase(handle=$0 key=$1); -> null");
  EXPECT_THAT(sent("*", "get", {key}), ElementsAre("look-up(handle=$0 key=$1); -> $0[$1]"));
  EXPECT_THAT(sent("*", "pop", {key, fallback}), ElementsAre("erase(handle=$0 key=$1); -> $0[$1]"));
  EXPECT_THAT(sent("*", "pop", {key}),
              ElementsAre("erase(handle=$0 key=$1); -> $0[$1]", "raises builtins.KeyError"));
  EXPECT_THAT(sent("*", "pop"), ElementsAre("-> #7", "raises builtins.IndexError"));
  EXPECT_EQ(sent("*", "setdefault", {key, fallback})[0],
            "look-up(handle=$0 key=$1); insert(handle=$0 key=$1 value=null); -> $0[$1]");
  EXPECT_THAT(sent("*", "clear"), ElementsAre("erase(handle=$0); -> null"));
  EXPECT_EQ(sent("builtins.set", "add", {key})[0], "insert(handle=$0 key=$1 value=$1); -> null");
  EXPECT_EQ(sent("*", "discard", {key})[0], "erase(handle=$0 key=$1); -> null");
}

TEST_F(PythonFilesTest, Loops) {
  const ir::Term bounds[] = {number(3)};
  EXPECT_THAT(called("operator.next", {{.value = parameter(1)}}), ElementsAre("-> $1[2]"));
  EXPECT_THAT(called("operator.next", {{.value = terms.make(terms.global("builtins.range"), bounds)}}),
              ElementsAre("-> 2"));
  EXPECT_THAT(called("builtins.iter", {path()}), ElementsAre("-> $1"));
}

TEST_F(PythonFilesTest, TextThatNamesFiles) {
  EXPECT_THAT(sent("*", "join", {path()}), ElementsAre("-> $0.join($1)"));
  EXPECT_THAT(sent("*", "join"), ElementsAre("-> null"));
  // Filled after it was made: two such lists are not one text.
  EXPECT_THAT(sent("builtins.str", "join", {{.value = terms.make(terms.global("builtins.list"), {})}}),
              ElementsAre("-> #7"));
  EXPECT_THAT(called("hashlib.sha256", {path()}), ElementsAre("-> hashlib.sha256($1)"));
  EXPECT_THAT(called("hashlib.sha256"), ElementsAre("-> #7"));
}

}  // namespace
}  // namespace lockwright::models
