// The configuration: where it is found, what it says, what is wrong with it.
#include "analyzer/cli/config.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "analyzer/cli/config_keys.h"
#include "analyzer/cli/files.h"
#include "tests/unit/cli/fake.h"
#include "tests/unit/report/sample.h"

namespace lockwright::cli {
namespace {

using report::testing::sample_rules;
using testing::FakeRun;
using Strings = std::vector<std::string>;

/// Parses a lockwright.toml in /p.
source::Result<std::optional<Config>> parse(std::string_view text, const char* name = "lockwright.toml") {
  return parse_config(text, std::filesystem::path("/p") / name, name, sample_rules());
}

std::string error_in(std::string_view text, const char* name = "lockwright.toml") {
  const auto config = parse(text, name);
  return config ? "(no error)" : config.error().message;
}

TEST(Config, EveryKeyIsUnderstood) {
  const auto parsed = parse(R"(
select = ["LW1", "map-delete-before-async-cleanup"]
extend-select = ["LW999"]
ignore = ["LW102"]
exclude = ["gen/", "*.pb.py"]
extend-exclude = ["old"]
fail-on = "info"
models = [{language = "python", rows = [{callee = "x.lock", depth = 2, ratio = 0.5, on = true}]}]

[per-file-ignores]
"tests/**" = ["ALL"]

[severity]
LW101 = "warning"
LW3 = "off"
)");
  ASSERT_TRUE(parsed) << parsed.error().message;
  const Config& config = **parsed;
  EXPECT_EQ(config.origin, "lockwright.toml");
  EXPECT_EQ(config.directory, "/p");
  EXPECT_EQ(config.select->items, (Strings{"LW1", "map-delete-before-async-cleanup"}));
  EXPECT_EQ(config.extend_select->items, Strings{"LW999"});
  EXPECT_EQ(config.ignore->items, Strings{"LW102"});
  EXPECT_EQ(config.exclude->items, (Strings{"gen/", "*.pb.py"}));
  EXPECT_EQ(config.extend_exclude->items, Strings{"old"});
  EXPECT_EQ(config.fail_on, FailOn::info);
  EXPECT_EQ(config.per_file_ignores->items, (std::map<std::string, Strings>{{"tests/**", {"ALL"}}}));
  EXPECT_EQ(config.severity->items,
            (std::map<std::string, findings::Severity>{{"LW101", findings::Severity::warning},
                                                       {"LW3", findings::Severity::off}}));
  ASSERT_EQ(config.models->items.size(), 1U);
  EXPECT_EQ(nlohmann::json::parse(config.models->items[0].json),
            nlohmann::json::parse(R"({"language": "python",
    "rows": [{"callee": "x.lock", "depth": 2, "ratio": 0.5, "on": true}]})"));
  EXPECT_EQ(config.models->items[0].origin, "lockwright.toml:8");
}

TEST(Config, WhatIsNotSaidIsEmpty) {
  const auto parsed = parse("");
  ASSERT_TRUE(parsed);
  EXPECT_FALSE((*parsed)->select || (*parsed)->exclude || (*parsed)->fail_on || (*parsed)->models);
}

TEST(Config, PyprojectIsReadOnlyWithItsTable) {
  const auto without = parse("[tool.ruff]\nselect = 7\n", "pyproject.toml");
  ASSERT_TRUE(without);
  EXPECT_FALSE(*without);
  const auto with =
      parse("[tool.lockwright]\nselect = [\"LW1\"]\n[project]\nname = \"x\"\n", "pyproject.toml");
  ASSERT_TRUE(with && *with);
  EXPECT_EQ((*with)->select->items, Strings{"LW1"});
}

TEST(Config, MistakesNameTheLineAndWhatWouldBeRight) {
  EXPECT_EQ(error_in("ignore = []\nselct = []\n"),
            "unknown key 'selct': lockwright.toml:2: did you mean 'select'?");
  EXPECT_EQ(error_in("banana = 1\n"),
            "unknown key 'banana': lockwright.toml:1: known keys are select, extend-select, ignore, "
            "per-file-ignores, "
            "severity, exclude, extend-exclude, models, fail-on");
  EXPECT_EQ(error_in("[tool.lockwright]\n\nextend_exclude = []\n", "pyproject.toml"),
            "unknown key 'extend_exclude': pyproject.toml:3: did you mean 'extend-exclude'?");
  EXPECT_EQ(error_in("select = \"LW1\"\n"),
            "'select' is a string: lockwright.toml:1: make it a list of strings");
  EXPECT_EQ(error_in("exclude = [\n  \"a\",\n  3,\n]\n"),
            "'exclude[]' is a number: lockwright.toml:3: make it a string");
  EXPECT_EQ(error_in("exclude = [\"\"]\n"), "empty string in 'exclude': lockwright.toml:1: remove it");
  EXPECT_EQ(error_in("select = [\n\"LW101\",\n\"LW1O2\"]\n"),
            "unknown rule 'LW1O2': lockwright.toml:3: did you mean 'LW102'?");
  EXPECT_EQ(error_in("ignore = [\"zzzzzzzzzz\"]\n"),
            "unknown rule 'zzzzzzzzzz': lockwright.toml:1: 'lockwright rules' lists them");
  EXPECT_EQ(error_in("severity = true\n"),
            "'severity' is a boolean: lockwright.toml:1: make it a table: rule = \"severity\"");
  EXPECT_EQ(error_in("[severity]\nLW101 = \"eror\"\n"),
            "unknown severity 'eror': lockwright.toml:2: did you mean 'error'?");
  EXPECT_EQ(error_in("[severity]\nLW101 = 1\n"),
            "'severity.LW101' is a number: lockwright.toml:2: make it one of off, info, warning, error");
  EXPECT_EQ(error_in("[severity]\n\nLW555 = \"off\"\n").substr(0, 38),
            "unknown rule 'LW555': lockwright.toml:");
  EXPECT_EQ(error_in("per-file-ignores = []\n"),
            "'per-file-ignores' is a list: lockwright.toml:1: make it a table: pattern = [rules]");
  EXPECT_EQ(error_in("[per-file-ignores]\n\"a\" = \"LW1\"\n"),
            "'per-file-ignores.\"a\"' is a string: lockwright.toml:2: make it a list of strings");
  EXPECT_EQ(error_in("fail-on = \"warnings\"\n"),
            "'fail-on' is 'warnings': lockwright.toml:1: did you mean 'warning'?");
  EXPECT_EQ(error_in("fail-on = 2024-01-01\n"),
            "'fail-on' is a date or time: lockwright.toml:1: make it one of error, warning, info, never");
  EXPECT_EQ(error_in("models = [1]\n"),
            "'models[]' is a number: lockwright.toml:1: make it a path or a table");
  EXPECT_EQ(error_in("models = [\"m.json\"]\n"),
            "model file 'm.json' cannot be read (no such file or directory): lockwright.toml:1: its path is "
            "relative to "
            "the configuration's directory");
  EXPECT_EQ(error_in("[tool]\nlockwright = 1\n", "pyproject.toml"),
            "'tool.lockwright' is a number: pyproject.toml:2: make it a table");
}

TEST(Config, BrokenTomlNamesItsLine) {
  const std::string error = error_in("select = []\n\nignore = [\"a\n");
  EXPECT_TRUE(error.starts_with("not valid TOML (")) << error;
  EXPECT_NE(error.find("): lockwright.toml:3: correct it"), std::string::npos) << error;
  EXPECT_EQ(error.find('\n'), std::string::npos);
}

TEST(Config, TheNearestIsFoundUpwardsFromTheFirstPath) {
  FakeRun fake;
  fake.tree.write("lockwright.toml", "select = [\"LW302\"]\n");
  EXPECT_EQ(fake.run({"check", "src/a.py"}), exit_clean);
  EXPECT_EQ(fake.seen->rules, Strings{"LW302"});
  fake.tree.write("src/pyproject.toml", "[project]\n");
  fake.run({"check", "src"});
  EXPECT_EQ(fake.seen->rules, Strings{"LW302"}) << "a pyproject.toml without the table is passed over";
  fake.tree.write("src/pyproject.toml", "[tool.lockwright]\nselect = [\"LW101\"]\n");
  fake.run({"check", "src"});
  EXPECT_EQ(fake.seen->rules, Strings{"LW101"});
  fake.tree.write("src/lockwright.toml", "select = [\"LW102\"]\n");
  fake.run({"check", "src"});
  EXPECT_EQ(fake.seen->rules, Strings{"LW102"}) << "lockwright.toml comes before pyproject.toml";
  fake.run({"check", ".", "src"});
  EXPECT_EQ(fake.seen->rules, Strings{"LW302"}) << "the first path counts";
  fake.run({"check", "src", "--isolated"});
  EXPECT_EQ(fake.seen->rules.size(), 5U);
  fake.run({"check", ".", "--config", "src/pyproject.toml"});
  EXPECT_EQ(fake.seen->rules, Strings{"LW101"});
}

TEST(Config, IsFoundFromStandardInputsName) {
  FakeRun fake;
  fake.tree.write("src/lockwright.toml", "select = [\"LW302\"]\n");
  fake.run({"check", "-", "--stdin-filename", "src/new.py"});
  EXPECT_EQ(fake.seen->rules, Strings{"LW302"});
}

TEST(Config, AFileThatIsNamedMustHaveTheTable) {
  FakeRun fake;
  fake.tree.write("pyproject.toml", "[project]\n");
  EXPECT_EQ(fake.run({"check", "--config", "pyproject.toml"}), exit_failure);
  EXPECT_EQ(fake.err,
            "lockwright: error: configuration has no table [tool.lockwright]: pyproject.toml: add the table, "
            "or name "
            "another file\n");
}

TEST(Config, ABrokenOneFailsTheRun) {
  FakeRun fake;
  fake.tree.write("lockwright.toml", "select = [");
  EXPECT_EQ(fake.run({"check"}), exit_failure);
  EXPECT_TRUE(fake.err.starts_with("lockwright: error: not valid TOML (")) << fake.err;
  EXPECT_FALSE(fake.seen);
}

TEST(Config, TheCommandLineOverrides) {
  FakeRun fake;
  fake.tree.write("lockwright.toml",
                  "select = [\"LW1\"]\nfail-on = \"never\"\nexclude = "
                  "[\"src\"]\n[per-file-ignores]\n\"*.py\" = [\"ALL\"]\n");
  EXPECT_EQ(fake.run({"check"}), exit_clean);
  EXPECT_EQ(fake.out, "Found nothing in 0 files\n");
  EXPECT_EQ(fake.run({"check", "--exclude", "x", "--per-file-ignores", "x:LW1"}), exit_clean);
  EXPECT_NE(fake.out.find("Found 1 error"), std::string::npos);
  EXPECT_EQ(fake.run({"check", "--exclude", "x", "--per-file-ignores", "x:LW1", "--fail-on", "error"}),
            exit_findings);
  fake.run({"check", "--select", "LW302"});
  EXPECT_EQ(fake.seen->rules, Strings{"LW302"});
}

TEST(Config, SeverityIsConfigured) {
  FakeRun fake;
  fake.tree.write("lockwright.toml", "[severity]\nnested-same-file-lock = \"info\"\n");
  EXPECT_EQ(fake.run({"check"}), exit_clean);
  EXPECT_NE(fake.out.find("src/a.py:1:1: info LW101"), std::string::npos) << fake.out;
}

TEST(Config, ModelFilesAreReadFromItsDirectory) {
  FakeRun fake;
  fake.tree.write("conf/lockwright.toml", "models = [\"m/own.json\"]\n");
  fake.tree.write("conf/m/own.json", "{\"rows\": []}\n");
  fake.run({"check", "--config", "conf/lockwright.toml"});
  ASSERT_TRUE(fake.seen) << fake.err;
  ASSERT_EQ(fake.seen->models.size(), 1U);
  EXPECT_EQ(fake.seen->models[0].json, "{\"rows\": []}\n");
  EXPECT_EQ(fake.seen->models[0].origin, fake.tree.path("conf/m/own.json"));
}

TEST(ConfigSchema, TheCommittedFileIsWhatTheKeysSay) {
  const auto committed = read_file(LOCKWRIGHT_SOURCE_DIR "/schemas/lockwright.schema.json");
  ASSERT_TRUE(committed) << committed.error().message;
  EXPECT_EQ(*committed, config_schema())
      << "write it anew: lockwright config-schema > schemas/lockwright.schema.json";
}

TEST(ConfigSchema, HasEveryKeyAndNoOther) {
  const auto schema = nlohmann::json::parse(config_schema());
  EXPECT_EQ(schema["properties"].size(), config_keys().size());
  for (const ConfigKey& key : config_keys()) {
    ASSERT_TRUE(schema["properties"].contains(std::string(key.name))) << key.name;
    EXPECT_EQ(schema["properties"][std::string(key.name)]["description"], key.summary);
  }
  EXPECT_EQ(schema["additionalProperties"], false);
}

TEST(ConfigSchema, IsPrintedByTheHiddenCommand) {
  FakeRun fake;
  EXPECT_EQ(fake.run({"config-schema"}), exit_clean);
  EXPECT_EQ(fake.out, config_schema());
}

TEST(ConfigKeys, WordsAndValuesAgree) {
  for (const std::string_view word : severity_words()) {
    const auto severity = severity_of(word);
    ASSERT_TRUE(severity);
    EXPECT_EQ(findings::severity_word(*severity), word);
  }
  EXPECT_EQ(fail_on_of("never"), FailOn::never);
  EXPECT_EQ(fail_on_of("error"), FailOn::error);
  EXPECT_EQ(fail_on_of("off"), std::nullopt);
}

}  // namespace
}  // namespace lockwright::cli
