// Safe fixes are preferred, so that an editor's "fix this" takes them without asking; unsafe ones say that
// they need a look.
#include "analyzer/lsp/actions.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "analyzer/lsp/silence.h"

namespace lockwright::lsp {
namespace {

/// Where two texts begin to differ and end to, in whole characters: offsets into `before`, and the part of
/// `after` that belongs there.
struct Difference {
  std::size_t begin;
  std::size_t end;
  std::string_view text;
};

bool continues_character(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80;
}

Difference difference(std::string_view before, std::string_view after) {
  const std::size_t shorter = std::min(before.size(), after.size());
  std::size_t begin = 0;
  while (begin < shorter && before[begin] == after[begin]) ++begin;
  while (begin > 0 && begin < before.size() && continues_character(before[begin])) --begin;
  std::size_t same = 0;
  while (same < shorter - begin && before[before.size() - 1 - same] == after[after.size() - 1 - same]) ++same;
  while (same > 0 && continues_character(before[before.size() - same])) --same;
  return {begin, before.size() - same, after.substr(begin, after.size() - same - begin)};
}

Json quick_fix(std::string title, const Json& diagnostic, Json edit) {
  return {{"title", std::move(title)},
          {"kind", quick_fix_kind},
          {"diagnostics", Json::array({diagnostic})},
          {"edit", std::move(edit)}};
}

}  // namespace

bool WantedKinds::has(std::string_view kind) const {
  return only_.empty() || std::ranges::any_of(only_, [&](const std::string& wanted) {
           return wanted.empty() || kind == wanted || kind.starts_with(wanted + ".");
         });
}

Json workspace_edit(const std::vector<findings::Edit>& replacements, const Translation& by,
                    const VersionOf& version_of) {
  std::map<std::string, Json> edits;
  for (const findings::Edit& each : replacements) {
    Json& list = edits.try_emplace(by.uri_of(by.files.path(each.range.file)), Json::array()).first->second;
    list.push_back({{"range", range_in(each.range, by)}, {"newText", each.text}});
  }
  if (!by.client.versioned_edits) return {{"changes", edits}};
  Json changes = Json::array();
  for (auto& [uri, list] : edits) {
    const std::optional<std::int64_t> version = version_of(uri);
    changes.push_back(
        {{"textDocument", {{"uri", uri}, {"version", version ? Json(*version) : Json()}}}, {"edits", list}});
  }
  return {{"documentChanges", changes}};
}

std::vector<Json> actions_for(const findings::Judged& judged, const WantedKinds& wanted,
                              const Translation& by, const VersionOf& version_of) {
  std::vector<Json> actions;
  if (!wanted.has(quick_fix_kind)) return actions;
  const findings::Finding& finding = judged.finding;
  const Json diagnostic = diagnostic_of(finding, by);
  for (const findings::Fix& fix : judged.fixes) {
    const bool safe = fix.applicability == findings::Applicability::safe;
    Json action = quick_fix(fix.title + (safe ? "" : " (needs a look)"), diagnostic,
                            workspace_edit(fix.edits, by, version_of));
    if (safe && actions.empty()) action["isPreferred"] = true;
    actions.push_back(std::move(action));
  }
  const source::FileId file = finding.primary.file;
  if (const source::SourceFile* const text = by.files.get(file);
      text != nullptr && !finding.rule.starts_with("LW00")) {
    if (const auto comment = suppression_at(*text, finding.primary.begin, finding.rule)) {
      const auto at = static_cast<std::uint32_t>(comment->offset);
      actions.push_back(quick_fix(fmt::format("Suppress {} here with a comment", finding.rule), diagnostic,
                                  workspace_edit({{{file, at, at}, comment->text}}, by, version_of)));
    }
  }
  const std::string title = fmt::format("Explain {} {}", finding.rule, finding.rule_name);
  actions.push_back(
      {{"title", title},
       {"kind", quick_fix_kind},
       {"diagnostics", Json::array({diagnostic})},
       {"command",
        {{"title", title}, {"command", explain_command}, {"arguments", Json::array({finding.rule})}}}});
  return actions;
}

Json fix_all_action(source::FileId file, std::string_view after, const Translation& by,
                    const VersionOf& version_of) {
  const Difference changed = difference(by.files.get(file)->text(), after);
  const source::Range range{file, static_cast<std::uint32_t>(changed.begin),
                            static_cast<std::uint32_t>(changed.end)};
  return {{"title", "Apply all safe fixes of Lockwright"},
          {"kind", fix_all_kind},
          {"edit", workspace_edit({{range, std::string(changed.text)}}, by, version_of)}};
}

}  // namespace lockwright::lsp
