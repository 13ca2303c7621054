// The workbench's answers to questions about a place in a document.
#include <algorithm>

#include "analyzer/lsp/uri.h"
#include "analyzer/lsp/workbench.h"

namespace lockwright::lsp {
namespace {

std::string path_in(const Json& parameters) {
  const std::string& uri = text_member(member(parameters, "textDocument"), "uri");
  return path_of_uri(uri).value_or("");
}

/// Also where the document is not known, so that a client hears of its mistake.
void check_position(const Json& position) {
  static_cast<void>(number_member(position, "line"));
  static_cast<void>(number_member(position, "character"));
}

}  // namespace

/// The file that a request is about; `file` null: nothing is known of it.
struct Workbench::Target {
  Bench* bench = nullptr;
  const source::SourceFile* file = nullptr;
};

Workbench::Target Workbench::target_of(const Json& parameters) {
  Target target;
  const std::string path = path_in(parameters);
  target.bench = bench_of(path);
  if (target.bench == nullptr || target.bench->checked.files == nullptr) return target;
  const source::FileTable& files = *target.bench->checked.files;
  const std::string& root = target.bench->checker->root();
  std::string_view displayed = path;
  if (displayed.starts_with(root + "/")) displayed.remove_prefix(root.size() + 1);
  if (const auto id = files.find(displayed)) target.file = files.get(*id);
  return target;
}

Json Workbench::document_diagnostics(const Json& parameters) {
  return deliverer_.document_report(path_in(parameters),
                                    text_member(member(parameters, "textDocument"), "uri"),
                                    value_at(parameters, {"previousResultId"}));
}

Json Workbench::workspace_diagnostics(const Json& parameters) {
  return deliverer_.workspace_report(value_at(parameters, {"previousResultIds"}));
}

Json Workbench::hover(const Json& parameters) {
  const Json& position = member(parameters, "position");
  check_position(position);
  const Target target = target_of(parameters);
  if (target.file == nullptr) return nullptr;
  const std::size_t offset = offset_of(position, target.file->lines(), client_.encoding);
  std::vector<const findings::Finding*> here;
  for (const findings::Judged& judged : target.bench->checked.findings) {
    const source::Range& range = judged.finding.primary;
    if (judged.state == findings::State::open && range.file == target.file->id() && range.begin <= offset &&
        offset <= range.end) {
      here.push_back(&judged.finding);
    }
  }
  if (here.empty()) return nullptr;
  const std::function<std::string(std::string_view)> uri = [&](std::string_view path) {
    return uri_of(*target.bench, path);
  };
  return hover_of(here, {*target.bench->checked.files, client_, analyzer_.rules, uri});
}

Json Workbench::code_actions(const Json& parameters, const Cancelled& cancelled) {
  const Json& range = member(parameters, "range");
  check_position(member(range, "start"));
  check_position(member(range, "end"));
  const WantedKinds wanted(texts_in(value_at(parameters, {"context", "only"})));
  Target target = target_of(parameters);
  Json actions = Json::array();
  if (target.file == nullptr || !client_.code_action_literals) return actions;
  Bench& bench = *target.bench;
  const source::LineMap& lines = target.file->lines();
  const std::uint32_t first = lines.line_of(offset_of(member(range, "start"), lines, client_.encoding));
  const std::uint32_t last = lines.line_of(offset_of(member(range, "end"), lines, client_.encoding));
  const auto is_meant = [&](const findings::Judged& judged) {
    const source::Range& at = judged.finding.primary;
    return judged.state == findings::State::open && at.file == target.file->id() &&
           lines.line_of(at.begin) <= last && lines.line_of(at.end) >= first;
  };
  const bool any = std::ranges::any_of(bench.checked.findings, is_meant);
  if (any && wanted.has(quick_fix_kind) && !bench.with_fixes.contains(target.file->path())) {
    bench.checker->find_fixes(bench.checked, target.file->path(), cancelled);
    if (cancelled()) throw RequestError(ErrorCode::request_cancelled, "cancelled");
    bench.with_fixes.emplace(target.file->path());
  }
  const std::function<std::string(std::string_view)> uri = [&](std::string_view path) {
    return uri_of(bench, path);
  };
  const Translation by{*bench.checked.files, client_, analyzer_.rules, uri};
  const VersionOf version = [&](const std::string& name) { return version_of(name); };
  for (const findings::Judged& judged : bench.checked.findings) {
    if (!is_meant(judged)) continue;
    for (Json& action : actions_for(judged, wanted, by, version)) actions.push_back(std::move(action));
  }
  if (Json all = fixed_altogether(target, wanted, by, cancelled); !all.is_null())
    actions.push_back(std::move(all));
  return actions;
}

/// The action that applies all safe fixes: when it is asked for by name, or there are some at hand.
Json Workbench::fixed_altogether(Target& target, const WantedKinds& wanted, const Translation& by,
                                 const Cancelled& cancelled) {
  if (!wanted.has(fix_all_kind)) return nullptr;
  const auto is_safe = [](const findings::Fix& fix) {
    return fix.applicability == findings::Applicability::safe;
  };
  Bench& bench = *target.bench;
  const bool at_hand = std::ranges::any_of(bench.checked.findings, [&](const findings::Judged& judged) {
    return judged.finding.primary.file == target.file->id() && std::ranges::any_of(judged.fixes, is_safe);
  });
  if (wanted.is_open() && !at_hand) return nullptr;
  const std::optional<std::string> text =
      bench.checker->repaired(bench.checked, target.file->path(), cancelled);
  if (cancelled()) throw RequestError(ErrorCode::request_cancelled, "cancelled");
  if (!text) return nullptr;
  return fix_all_action(target.file->id(), *text, by,
                        [&](const std::string& name) { return version_of(name); });
}

}  // namespace lockwright::lsp
