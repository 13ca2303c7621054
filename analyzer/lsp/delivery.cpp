// A result's id is a digest of the result: two that are equal need not be sent twice, whichever way the text
// went in between.
#include "analyzer/lsp/delivery.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "analyzer/findings/sha256.h"
#include "analyzer/lsp/uri.h"

namespace lockwright::lsp {
namespace {

std::string id_of(const Json& items) {
  return findings::sha256_hex(dumped(items)).substr(0, 16);
}

const std::string& id_of_nothing() {
  static const std::string id = id_of(Json::array());
  return id;
}

}  // namespace

void Deliverer::deliver(FileReports now, const std::vector<std::string>& edited) {
  now_ = std::move(now);
  const auto is_edited = [&](const std::string& path) {
    return std::find(edited.begin(), edited.end(), path) != edited.end();
  };
  std::set<std::string> changed;
  for (const auto& [path, report] : now_) {
    const auto told = told_.find(path);
    if ((told == told_.end() ? id_of_nothing() : told->second) != id_of(report.items)) changed.insert(path);
  }
  for (const auto& [path, id] : told_) {
    if (!now_.contains(path) && id != id_of_nothing()) changed.insert(path);
  }
  if (client_.delivery == Delivery::pull) {
    const bool others = std::any_of(changed.begin(), changed.end(),
                                    [&](const std::string& path) { return !is_edited(path); });
    if (others && client_.diagnostic_refresh)
      connection_.request(fmt::format("lockwright/refresh/{}", ++refreshes_), "workspace/diagnostic/refresh",
                          nullptr);
    return;
  }
  for (const std::string& path : edited) {
    if (now_.contains(path)) changed.insert(path);
  }
  for (const std::string& path : changed) {
    const auto report = now_.find(path);
    const bool gone = report == now_.end();
    Json parameters = {{"uri", gone ? uri_of_path(path) : report->second.uri},
                       {"diagnostics", gone ? Json::array() : report->second.items}};
    if (!gone && !report->second.version.is_null()) parameters["version"] = report->second.version;
    connection_.notify("textDocument/publishDiagnostics", std::move(parameters));
    if (gone) {
      told_.erase(path);
    } else {
      told_[path] = id_of(report->second.items);
    }
  }
}

Json Deliverer::report_of(std::string_view path, const Json& previous) {
  const auto found = now_.find(path);
  Json items = found == now_.end() ? Json::array() : found->second.items;
  std::string id = id_of(items);
  told_[std::string(path)] = id;
  if (previous == id) return {{"kind", "unchanged"}, {"resultId", id}};
  return {{"kind", "full"}, {"resultId", id}, {"items", std::move(items)}};
}

Json Deliverer::document_report(std::string_view path, const std::string& uri, const Json& previous) {
  Json report = report_of(path, previous);
  if (!client_.related_documents) return report;
  Json related = Json::object();
  for (const auto& [other, each] : now_) {
    if (other == path || each.uri == uri) continue;
    const auto told = told_.find(other);
    if ((told == told_.end() ? id_of_nothing() : told->second) == id_of(each.items)) continue;
    related[each.uri] = report_of(other, nullptr);
  }
  std::vector<std::string> gone;
  for (const auto& [other, id] : told_) {
    if (!now_.contains(other) && other != path && id != id_of_nothing()) gone.push_back(other);
  }
  for (const std::string& other : gone) related[uri_of_path(other)] = report_of(other, nullptr);
  if (!related.empty()) report["relatedDocuments"] = std::move(related);
  return report;
}

Json Deliverer::workspace_report(const Json& previous) {
  std::map<std::string, Json> ids;  // by path
  if (previous.is_array()) {
    for (const Json& each : previous) {
      if (const auto path = path_of_uri(text_member(each, "uri"))) ids[*path] = member(each, "value");
    }
  }
  Json items = Json::array();
  const auto add = [&](const std::string& path, const std::string& uri, const Json& version) {
    const auto before = ids.find(path);
    Json report = report_of(path, before == ids.end() ? Json() : before->second);
    report["uri"] = uri;
    report["version"] = version;
    items.push_back(std::move(report));
  };
  for (const auto& [path, report] : now_) add(path, report.uri, report.version);
  for (const auto& [path, id] : ids) {
    if (!now_.contains(path) && id != id_of_nothing()) add(path, uri_of_path(path), nullptr);
  }
  return {{"items", std::move(items)}};
}

}  // namespace lockwright::lsp
