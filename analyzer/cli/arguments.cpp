// The command line's grammar. CLI11 splits it into options and lays out the help; words that must be one of a
// few are checked here, so that every complaint has the same shape and names the nearest word.
#include "analyzer/cli/arguments.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <array>
#include <charconv>

#include "analyzer/cli/config_keys.h"
#include "analyzer/cli/error_line.h"
#include "analyzer/cli/help_formatter.h"
#include "analyzer/frontends/clang/frontend.h"
#include "generated/version.h"

namespace lockwright::cli {
namespace {

constexpr std::string_view on_command_line = "command line";
constexpr std::string_view selection_group = "Rules";
constexpr std::string_view files_group = "Files";
constexpr std::string_view output_group = "Output";
constexpr std::string_view failing_group = "Failing";
constexpr std::string_view cpp_group = "C and C++";
constexpr std::string_view fixing_group = "Fixing";

constexpr std::array<std::string_view, 5> format_words = {"text", "concise", "json", "sarif", "github"};
constexpr std::array<std::string_view, 2> table_words = {"text", "json"};
constexpr std::array<std::string_view, 3> colour_words = {"auto", "always", "never"};

/// What CLI11 fills in: words, not yet understood.
struct RawWords {
  std::vector<std::string> per_file_ignores;
  std::vector<std::string> select;
  std::vector<std::string> exclude;
  std::string format = "text";
  std::string table_format = "text";
  std::string fail_on;
  std::string colour = "auto";
  std::string jobs;
  std::string time_limit;
};

/// The parsers of the program and of its commands.
struct Grammar {
  CLI::App app{"Finds file locks that do not do what their authors think they do"};
  CLI::App* check = nullptr;
  CLI::App* explain = nullptr;
  CLI::App* rules = nullptr;
  CLI::App* server = nullptr;
  CLI::App* ir = nullptr;
  CLI::App* config_schema = nullptr;
};

std::string alternatives(std::span<const std::string_view> words) {
  return fmt::format("{}", fmt::join(words.begin(), words.end(), "|"));
}

/// An option whose values are lists: `--select LW1,LW301 --select LW4`. It takes one word at a time, so that
/// the paths after it stay paths.
void add_list(CLI::App& app, const char* name, std::vector<std::string>& list, const char* value,
              const char* help, std::string_view group) {
  app.add_option(name, list, help)
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name(value)
      ->group(std::string(group));
}

template <typename Value>
void add_value(CLI::App& app, const char* name, Value& value, const std::string& type, const char* help,
               std::string_view group) {
  app.add_option(name, value, help)->type_name(type)->group(std::string(group));
}

void describe_cpp(CLI::App& app, CppOptions& cpp, RawWords& raw) {
  add_value(app, "--compile-commands,-p", cpp.compile_commands, "DIR", "Where compile_commands.json is",
            cpp_group);
  app.add_flag("!--no-clang", cpp.clang, "Read C and C++ without a compiler")->group(std::string(cpp_group));
  add_value(app, "--time-limit", raw.time_limit, "SECONDS", "For Clang, a file (default: 30)", cpp_group);
}

void describe_check(CLI::App& app, CheckArguments& check, RawWords& raw) {
  app.add_option("PATHS", check.paths, "Files and directories (default: .); - is standard input")
      ->type_name("");
  add_list(app, "--select", raw.select, "RULES", "Run only these: ids, names, LW1, ALL", selection_group);
  add_list(app, "--ignore", check.ignore, "RULES", "Do not run these", selection_group);
  app.add_option("--per-file-ignores", raw.per_file_ignores, "Drop these rules' findings in matching files")
      ->allow_extra_args(false)
      ->type_name("GLOB:RULES")
      ->group(std::string(selection_group));
  add_value(app, "--config", check.config, "FILE", "Use this configuration file", selection_group);
  app.add_flag("--isolated", check.isolated, "Use no configuration file")
      ->group(std::string(selection_group));

  add_list(app, "--exclude", raw.exclude, "GLOBS", "Leave these out, not the built-in list", files_group);
  add_list(app, "--extend-exclude", check.extend_exclude, "GLOBS", "Leave these out too", files_group);
  app.add_flag("--no-ignore", check.no_ignore, "Also check what .gitignore ignores")
      ->group(std::string(files_group));
  add_value(app, "--stdin-filename", check.stdin_filename, "NAME", "What standard input is called",
            files_group);
  add_value(app, "--jobs,-j", raw.jobs, "N", "Threads (default: one a core)", files_group);

  describe_cpp(app, check.cpp, raw);

  add_value(app, "--output-format", raw.format, alternatives(format_words), "How to report", output_group);
  add_value(app, "--output-file", check.output_file, "FILE", "Write the report there", output_group);
  add_value(app, "--color", raw.colour, alternatives(colour_words), "Colour in text reports", output_group);
  app.add_flag("--quiet,-q", check.quiet, "No summary, no progress")->group(std::string(output_group));
  app.add_flag("--stats", check.stats, "Show figures about the run")->group(std::string(output_group));

  app.add_flag("--fix", check.fix, "Repair what can be repaired safely")->group(std::string(fixing_group));
  app.add_flag("--unsafe-fixes", check.unsafe_fixes, "With --fix or --diff: also repairs that need a look")
      ->group(std::string(fixing_group));
  app.add_flag("--use-library", check.use_library,
               "With --fix or --diff: move to the lock library where that is offered (needs a look)")
      ->group(std::string(fixing_group));
  app.add_flag("--diff", check.diff, "Show what --fix would change, change nothing")
      ->group(std::string(fixing_group));

  add_value(app, "--fail-on", raw.fail_on, alternatives(fail_on_words()),
            "Least severity for exit code 1 (default: warning)", failing_group);
  app.add_flag("--exit-zero", check.exit_zero, "Exit with 0 also if something is found")
      ->group(std::string(failing_group));
  add_value(app, "--baseline", check.baseline, "FILE", "Accept the findings listed there", failing_group);
  add_value(app, "--write-baseline", check.write_baseline, "FILE", "List all findings there", failing_group);
}

void describe(Grammar& grammar, Arguments& arguments, RawWords& raw) {
  CLI::App& app = grammar.app;
  app.name("lockwright");
  app.formatter(std::make_shared<HelpFormatter>());
  const bool has_clang = !frontends::compiler::clang_version().empty();
  app.set_version_flag(
      "--version,-V",
      fmt::format("lockwright {}{}", version,
                  has_clang ? "" : "\nbuilt without Clang: C and C++ are read without types"),
      "Print the version");
  app.set_help_flag("--help,-h", "Print this help");
  app.footer(
      "lockwright COMMAND --help tells more. Exit codes: 0 nothing found, 1 findings, 2 the run failed.");

  grammar.check = app.add_subcommand("check", "Check files and directories");
  grammar.check->footer("Exit codes: 0 nothing found, 1 findings, 2 the run itself failed.");
  describe_check(*grammar.check, arguments.check, raw);

  grammar.explain = app.add_subcommand("explain", "Explain a rule, with examples");
  grammar.explain->add_option("RULE", arguments.rule, "Its id or name")->type_name("")->required();
  grammar.rules = app.add_subcommand("rules", "List all rules");
  for (CLI::App* const command : {grammar.explain, grammar.rules}) {
    add_value(*command, "--output-format", raw.table_format, alternatives(table_words), "How to print",
              output_group);
  }
  grammar.server =
      app.add_subcommand("server", "Serve an editor (language server, over standard input and output)");
  grammar.server->add_flag("--stdio", arguments.stdio, "What it does anyway; editors like to say so");
  grammar.ir = app.add_subcommand("ir", "Show what Lockwright understands of a file");
  grammar.ir->add_option("FILE", arguments.file, "A source file")->type_name("")->required();
  describe_cpp(*grammar.ir, arguments.check.cpp, raw);
  grammar.config_schema = app.add_subcommand("config-schema", "Print the JSON Schema of the configuration");
  grammar.config_schema->group("");  // not in the help

  for (CLI::App* const command : app.get_subcommands({})) {
    command->allow_extras();
    if (command != grammar.check) command->footer("");
  }
  app.allow_extras();
}

std::optional<std::size_t> index_of(std::span<const std::string_view> words, std::string_view word) {
  const auto found = std::ranges::find(words, word);
  if (found == words.end()) return std::nullopt;
  return static_cast<std::size_t>(found - words.begin());
}

source::Error unknown_word(std::string_view option, std::string_view word,
                           std::span<const std::string_view> words) {
  return error_about(fmt::format("unknown value '{}'", word), option,
                     suggestion(word, words, "use " + listed(words)));
}

using MaybeError = std::optional<source::Error>;

/// `GLOB:RULE,RULE`.
MaybeError read_per_file_ignores(const std::vector<std::string>& words, CheckArguments& check) {
  for (const std::string& word : words) {
    const std::size_t colon = word.rfind(':');
    if (colon == std::string::npos || colon == 0 || colon + 1 == word.size()) {
      return error_about(fmt::format("'{}' is no pattern with rules", word), "--per-file-ignores",
                         "write GLOB:RULE[,RULE]");
    }
    if (!check.per_file_ignores) check.per_file_ignores.emplace();
    std::vector<std::string>& rules = check.per_file_ignores->items[word.substr(0, colon)];
    for (const std::string& rule : CLI::detail::split(word.substr(colon + 1), ',')) rules.push_back(rule);
  }
  return std::nullopt;
}

MaybeError read_jobs(const std::string& word, CheckArguments& check) {
  const char* const end = word.data() + word.size();
  const auto [stopped, error] = std::from_chars(word.data(), end, check.jobs);
  if (error == std::errc() && stopped == end && check.jobs > 0) return std::nullopt;
  return error_about(fmt::format("'{}' is no number of threads", word), "--jobs", "give 1 or more");
}

MaybeError read_time_limit(const std::string& word, CppOptions& cpp) {
  if (word.empty()) return std::nullopt;
  const char* const end = word.data() + word.size();
  const auto [stopped, error] = std::from_chars(word.data(), end, cpp.seconds);
  if (error == std::errc() && stopped == end && cpp.seconds > 0) return std::nullopt;
  return error_about(fmt::format("'{}' is no time", word), "--time-limit", "give seconds, more than 0");
}

MaybeError read_check(const Grammar& grammar, const RawWords& raw, CheckArguments& check) {
  if (check.paths.empty()) check.paths.emplace_back(".");
  if (grammar.check->count("--select") > 0) check.select = raw.select;
  if (grammar.check->count("--exclude") > 0) check.exclude = raw.exclude;
  if (MaybeError error = read_per_file_ignores(raw.per_file_ignores, check)) return error;
  if (grammar.check->count("--jobs") > 0) {
    if (MaybeError error = read_jobs(raw.jobs, check)) return error;
  }
  if (MaybeError error = read_time_limit(raw.time_limit, check.cpp)) return error;
  const auto format = index_of(format_words, raw.format);
  if (!format) return unknown_word("--output-format", raw.format, format_words);
  check.format = static_cast<report::Format>(*format);
  const auto colour = index_of(colour_words, raw.colour);
  if (!colour) return unknown_word("--color", raw.colour, colour_words);
  check.colour = static_cast<ColourChoice>(*colour);
  if (grammar.check->count("--fail-on") > 0) {
    check.fail_on = fail_on_of(raw.fail_on);
    if (!check.fail_on) return unknown_word("--fail-on", raw.fail_on, fail_on_words());
  }
  if (check.fix && check.diff) {
    return error_about("--fix and --diff exclude each other", on_command_line, "give one of them");
  }
  if (check.unsafe_fixes && !check.fix && !check.diff) {
    return error_about("--unsafe-fixes repairs nothing by itself", on_command_line, "add --fix or --diff");
  }
  if (check.use_library && !check.fix && !check.diff) {
    return error_about("--use-library repairs nothing by itself", on_command_line, "add --fix or --diff");
  }
  if (check.fix && std::ranges::find(check.paths, "-") != check.paths.end()) {
    return error_about("standard input cannot be repaired in place", "--fix", "use --diff");
  }
  if (check.isolated && check.config) {
    return error_about("--config and --isolated exclude each other", on_command_line, "give one of them");
  }
  return std::nullopt;
}

/// What no parser took: mistyped options and commands, and words too many.
MaybeError find_leftover(const Grammar& grammar) {
  const CLI::App* command = &grammar.app;
  if (!grammar.app.get_subcommands().empty()) command = grammar.app.get_subcommands().front();
  const std::vector<std::string> leftovers = grammar.app.remaining(true);
  if (leftovers.empty()) return std::nullopt;
  const std::string& word = leftovers.front();
  const bool option = word.starts_with('-');
  const bool top = command == &grammar.app;
  std::vector<std::string> known;
  if (option) {
    for (const CLI::Option* const each : command->get_options()) {
      for (const std::string& name : each->get_lnames()) known.push_back("--" + name);
    }
  } else if (top) {
    for (const CLI::App* const each : grammar.app.get_subcommands([](const CLI::App*) { return true; })) {
      if (!each->get_group().empty()) known.push_back(each->get_name());
    }
  } else {
    return error_about(fmt::format("unexpected word '{}'", word), on_command_line, "leave it out");
  }
  const std::vector<std::string_view> views(known.begin(), known.end());
  std::string help = fmt::format("see 'lockwright {} --help'", command->get_name());
  if (top)
    help =
        option ? "see 'lockwright --help'" : fmt::format("to check a path, say 'lockwright check {}'", word);
  return error_about(fmt::format("unknown {} '{}'", option ? "option" : "command", word), on_command_line,
                     suggestion(option ? word.substr(0, word.find('=')) : word, views, help));
}

source::Result<Arguments> understood(const Grammar& grammar, const RawWords& raw, Arguments arguments) {
  if (const MaybeError error = find_leftover(grammar)) return *error;
  if (grammar.check->parsed()) {
    arguments.command = Command::check;
    if (const MaybeError error = read_check(grammar, raw, arguments.check)) return *error;
  } else if (grammar.explain->parsed() || grammar.rules->parsed()) {
    arguments.command = grammar.rules->parsed() ? Command::rules : Command::explain;
    if (!index_of(table_words, raw.table_format)) {
      return unknown_word("--output-format", raw.table_format, table_words);
    }
    arguments.json = raw.table_format == "json";
  } else if (grammar.server->parsed()) {
    arguments.command = Command::server;
  } else if (grammar.ir->parsed()) {
    arguments.command = Command::ir;
    if (const MaybeError error = read_time_limit(raw.time_limit, arguments.check.cpp)) return *error;
  } else if (grammar.config_schema->parsed()) {
    arguments.command = Command::config_schema;
  } else {
    return error_about("no command", on_command_line, "see 'lockwright --help'");
  }
  return arguments;
}

std::string first_line(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

}  // namespace

source::Result<Arguments> parse_arguments(std::span<const std::string> words) {
  Arguments arguments;
  RawWords raw;
  Grammar grammar;
  describe(grammar, arguments, raw);
  try {
    grammar.app.parse(std::vector<std::string>(words.rbegin(), words.rend()));
  } catch (const CLI::CallForVersion& call) {
    arguments.command = Command::print;
    arguments.text = std::string(call.what()) + "\n";
    return arguments;
  } catch (const CLI::CallForHelp&) {
    arguments.command = Command::print;
    arguments.text = grammar.app.help();
    if (!arguments.text.ends_with('\n')) arguments.text += '\n';
    return arguments;
  } catch (const CLI::ParseError& error) {
    return error_about(first_line(error.what()), on_command_line, "see 'lockwright --help'");
  }
  return understood(grammar, raw, std::move(arguments));
}

}  // namespace lockwright::cli
