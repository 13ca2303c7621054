// The help's layout; CLI11's own is wordier and spaced wider.
#include "analyzer/cli/help_formatter.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

namespace lockwright::cli {
namespace {

constexpr std::size_t description_column = 30;

}  // namespace

HelpFormatter::HelpFormatter() {
  column_width(description_column);
}

std::string HelpFormatter::make_help(const CLI::App* app, std::string name, CLI::AppFormatMode mode) const {
  const CLI::App* const parent = app->get_parent();
  std::string usage = parent == nullptr ? "lockwright COMMAND" : "lockwright " + app->get_name();
  for (const CLI::Option* const option : app->get_options()) {
    if (!option->get_positional()) continue;
    const std::string word = option->get_name(true);
    usage += option->get_required() ? " " + word : fmt::format(" [{}...]", word);
  }
  std::string text = fmt::format("{}.\n\nUsage: {} [OPTIONS]\n", app->get_description(), usage);
  text += make_subcommands(app, mode);  // begins with a blank line itself
  for (const std::string& part : {make_positionals(app), make_groups(app, mode)}) {
    if (!part.empty()) text += "\n" + part;
  }
  const std::string footer = app->get_footer();
  if (!footer.empty()) text += "\n" + footer + "\n";
  static_cast<void>(name);
  return text;
}

std::string HelpFormatter::make_group(std::string group, bool is_positional,
                                      std::vector<const CLI::Option*> options) const {
  std::string text = fmt::format("{}:\n", is_positional ? "Arguments" : group);
  for (const CLI::Option* const option : options) text += make_option(option, is_positional);
  return text;
}

std::string HelpFormatter::make_option_opts(const CLI::Option* option) const {
  return option->get_type_name().empty() ? "" : " " + option->get_type_name();
}

}  // namespace lockwright::cli
