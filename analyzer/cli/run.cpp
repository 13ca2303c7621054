// From arguments to an exit code: each command is a few lines here, but for `check`, which has its own file.
#include "analyzer/cli/run.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <ostream>
#include <vector>

#include "analyzer/cli/arguments.h"
#include "analyzer/cli/check.h"
#include "analyzer/cli/config_keys.h"
#include "analyzer/cli/editor_checker.h"
#include "analyzer/cli/error_line.h"
#include "analyzer/cli/rule_texts.h"
#include "analyzer/lsp/supervisor/supervise.h"
#include "analyzer/source/file_reader.h"
#include "generated/version.h"

namespace lockwright::cli {
namespace {

/// The engine's rules and those about suppressions, by id.
std::vector<findings::RuleInfo> with_own_rules(std::span<const findings::RuleInfo> rules) {
  const auto own = findings::suppression_rules();
  std::vector<findings::RuleInfo> all(own.begin(), own.end());
  all.insert(all.end(), rules.begin(), rules.end());
  std::ranges::sort(all, {}, &findings::RuleInfo::id);
  return all;
}

source::Result<int> printed(const Console& console, const source::Result<std::string>& text) {
  if (!text) return text.error();
  if (const auto error = print(console, *text)) return *error;
  return exit_clean;
}

source::Result<int> dispatch(const Arguments& arguments, const Console& console, const Services& services) {
  const std::vector<findings::RuleInfo> rules = with_own_rules(services.rules);
  switch (arguments.command) {
    case Command::check: return check(arguments.check, console, services, rules);
    case Command::explain: return printed(console, explain_rule(arguments.rule, rules, arguments.json));
    case Command::rules: return printed(console, list_rules(rules, arguments.json));
    case Command::server:
      return lsp::supervise(editor_analyzer(services, rules), version, console.in_descriptor,
                            console.out_descriptor);
    case Command::ir: return printed(console, services.dump_ir(arguments.file, arguments.check.cpp));
    case Command::config_schema: return printed(console, config_schema());
    case Command::print: return printed(console, arguments.text);
  }
  return exit_failure;
}

}  // namespace

int run(std::span<const std::string> words, const Console& console, const Services& services) {
  const source::Result<Arguments> arguments = parse_arguments(words);
  if (!arguments) {
    complain(console, arguments.error());
    return exit_failure;
  }
  const source::Result<int> outcome = dispatch(*arguments, console, services);
  if (outcome) return *outcome;
  complain(console, outcome.error());
  return exit_failure;
}

std::optional<source::Error> print(const Console& console, std::string_view text) {
  errno = 0;
  console.out << text << std::flush;
  if (console.out.good() || errno == EPIPE) return std::nullopt;
  return error_about(fmt::format("the report cannot be written ({})", source::describe_errno(errno)),
                     "standard output", "check where it goes");
}

void complain(const Console& console, const source::Error& error) {
  console.err << "lockwright: error: " << error.message << "\n" << std::flush;
}

}  // namespace lockwright::cli
