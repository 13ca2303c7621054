// A diagnostic's message is fact, consequence and advice, as in SARIF; its related information is the
// witness, numbered, so that the way to the bug can be clicked through.
#include "analyzer/lsp/translate.h"

#include <fmt/format.h>

#include <algorithm>

#include "analyzer/report/place.h"
#include "analyzer/report/rule_page.h"
#include "analyzer/report/timeline.h"

namespace lockwright::lsp {
namespace {

constexpr std::size_t timeline_width = 100;
constexpr int unnecessary = 1;

std::string sentence(std::string_view text) {
  const bool ended = text.empty() || std::string_view(".!?").find(text.back()) != std::string_view::npos;
  return std::string(text) + (ended ? "" : ".");
}

int severity_of(findings::Severity severity) {
  switch (severity) {
    case findings::Severity::error: return 1;
    case findings::Severity::warning: return 2;
    default: return 3;
  }
}

Json location_of(const source::Range& range, const Translation& by) {
  return {{"uri", by.uri_of(by.files.path(range.file))}, {"range", range_in(range, by)}};
}

Json related_information(const findings::Finding& finding, const Translation& by) {
  const bool two = std::ranges::any_of(
      finding.witness, [](const findings::Step& step) { return step.actor == findings::Actor::B; });
  Json list = Json::array();
  for (std::size_t i = 0; i < finding.witness.size(); ++i) {
    const findings::Step& step = finding.witness[i];
    const std::string_view actor = !two ? "" : step.actor == findings::Actor::A ? "A " : "B ";
    for (const source::Range& call : step.through) {
      const std::string text = fmt::format("{}. {}via {}", i + 1, actor, report::callee_name(call, by.files));
      list.push_back({{"location", location_of(call, by)}, {"message", text}});
    }
    list.push_back({{"location", location_of(step.range, by)},
                    {"message", fmt::format("{}. {}{}", i + 1, actor, step.text)}});
  }
  return list;
}

}  // namespace

Json range_in(const source::Range& range, const Translation& by) {
  const source::SourceFile* const file = by.files.get(range.file);
  if (file == nullptr) {
    const Json start = {{"line", 0}, {"character", 0}};
    return {{"start", start}, {"end", start}};
  }
  return range_of(range.begin, range.end, file->lines(), by.client.encoding);
}

std::string page_address(std::string_view rule_name) {
  return report::rule_page_address(rule_name);
}

Json diagnostic_of(const findings::Finding& finding, const Translation& by) {
  std::string message = sentence(finding.message);
  if (!finding.help.empty()) message += "\n" + sentence(finding.help);
  Json diagnostic = {{"range", range_in(finding.primary, by)},
                     {"severity", severity_of(finding.severity)},
                     {"code", finding.rule},
                     {"source", "lockwright"},
                     {"message", message}};
  if (by.client.code_description) diagnostic["codeDescription"] = {{"href", page_address(finding.rule_name)}};
  if (by.client.unnecessary_tag && finding.rule == "LW001") diagnostic["tags"] = Json::array({unnecessary});
  if (by.client.related_information && !finding.witness.empty())
    diagnostic["relatedInformation"] = related_information(finding, by);
  return diagnostic;
}

Json hover_of(std::span<const findings::Finding* const> findings, const Translation& by) {
  const bool markdown = by.client.markdown;
  std::string text;
  for (const findings::Finding* const finding : findings) {
    if (!text.empty()) text += markdown ? "\n---\n\n" : "\n\n";
    const findings::RuleInfo* const rule = findings::find_rule(by.rules, finding->rule);
    const std::string_view summary = rule == nullptr ? std::string_view() : rule->summary;
    const std::string timeline =
        report::timeline(finding->witness, by.files, report::Style(false), timeline_width);
    if (markdown) {
      text += fmt::format("**[{}]({}) {}**: {}\n\n{} {}\n\n```text\n{}```\n", finding->rule,
                          page_address(finding->rule_name), finding->rule_name, summary,
                          sentence(finding->message), sentence(finding->help), timeline);
    } else {
      text += fmt::format("{} {}: {}\n\n{} {}\n\n{}", finding->rule, finding->rule_name, summary,
                          sentence(finding->message), sentence(finding->help), timeline);
    }
  }
  return {{"contents", {{"kind", markdown ? "markdown" : "plaintext"}, {"value", text}}},
          {"range", range_in(findings.front()->primary, by)}};
}

}  // namespace lockwright::lsp
