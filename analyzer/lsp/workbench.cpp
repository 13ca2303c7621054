// An update is taken bench by bench: only those are checked again whose texts, files or settings changed. A
// check that fails, even by an exception, costs that bench its news: what was found before stays, the user is
// told, and the next update starts with a new checker.
#include "analyzer/lsp/workbench.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <filesystem>

#include "analyzer/lsp/uri.h"

namespace lockwright::lsp {
namespace {

bool is_below(std::string_view path, std::string_view folder) {
  if (folder == "/") return true;
  return path.starts_with(folder) && (path.size() == folder.size() || path[folder.size()] == '/');
}

std::string absolute(const std::string& root, std::string_view displayed) {
  if (displayed.starts_with('/')) return std::string(displayed);
  return (std::filesystem::path(root) / displayed).lexically_normal().generic_string();
}

bool same_texts(const std::vector<OpenText>& left, const std::vector<OpenText>& right) {
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [](const OpenText& one, const OpenText& other) {
                      return one.path == other.path && (one.text == other.text || *one.text == *other.text);
                    });
}

/// Progress of one check in the client's window; silent where the client has none.
class ShownProgress {
 public:
  ShownProgress(Connection& connection, bool shown, std::size_t number, const std::string& folder)
      : connection_(connection), shown_(shown), token_(fmt::format("lockwright/index/{}", number)) {
    if (!shown_) return;
    connection_.request("create:" + token_, "window/workDoneProgress/create", {{"token", token_}});
    send({{"kind", "begin"},
          {"title", "Lockwright"},
          {"message", "looking through " + folder},
          {"cancellable", false}});
  }
  ~ShownProgress() {
    if (shown_) send({{"kind", "end"}});
  }
  ShownProgress(const ShownProgress&) = delete;
  ShownProgress& operator=(const ShownProgress&) = delete;

  void stage(const char* name) {
    if (shown_) send({{"kind", "report"}, {"message", name}});
  }

 private:
  void send(Json value) {
    connection_.notify("$/progress", {{"token", token_}, {"value", std::move(value)}});
  }

  Connection& connection_;
  bool shown_;
  std::string token_;
};

}  // namespace

void Workbench::update(const Update& update) {
  std::vector<std::string> edited;
  for (const auto& [path, document] : update.world.documents) {
    const auto before = world_.documents.find(path);
    if (before == world_.documents.end() || before->second.text != document.text ||
        before->second.version != document.version) {
      edited.push_back(path);
    }
  }
  for (const auto& [path, document] : world_.documents) {
    if (!update.world.documents.contains(path)) edited.push_back(path);
  }
  world_ = update.world;
  set_up_benches(update);

  std::map<Bench*, std::vector<OpenText>> open;
  for (const auto& [path, document] : world_.documents) {
    if (Bench* const bench = bench_of(path)) open[bench].push_back({path, document.text});
  }
  for (const auto& bench : benches_) {
    std::vector<OpenText>& texts = open[bench.get()];
    if (bench->is_dirty || !same_texts(texts, bench->seen)) {
      check(*bench, std::move(texts));
    } else {
      bench->seen = std::move(texts);
      report(*bench);
    }
  }
  deliver(edited);
}

void Workbench::set_up_benches(const Update& update) {
  std::set<std::pair<std::string, std::string>> wanted;  // folder, file
  for (const std::string& folder : world_.folders) wanted.emplace(folder, "");
  for (const auto& [path, document] : world_.documents) {
    const bool inside = std::ranges::any_of(
        world_.folders, [&, &name = path](const std::string& folder) { return is_below(name, folder); });
    const std::filesystem::path file(path);
    if (!inside && source::language_of(path))
      wanted.emplace(file.parent_path().generic_string(), file.filename().generic_string());
  }
  std::erase_if(benches_, [&](const auto& bench) { return !wanted.contains({bench->folder, bench->file}); });
  for (const auto& bench : benches_) {
    wanted.erase({bench->folder, bench->file});
    if (update.reconfigure) configure(*bench);
    std::vector<std::string> changed;
    std::ranges::copy_if(update.on_disk, std::back_inserter(changed),
                         [&](const std::string& path) { return is_below(path, bench->folder); });
    if (!update.disk_changed && changed.empty()) continue;
    if (update.disk_changed) changed.clear();
    bench->checker->disk_changed(changed);
    bench->is_dirty = true;
  }
  for (const auto& [folder, file] : wanted) {
    auto bench = std::make_unique<Bench>();
    bench->folder = folder;
    bench->file = file;
    bench->checker = analyzer_.checker(folder, file);
    configure(*bench);
    benches_.push_back(std::move(bench));
  }
}

void Workbench::configure(Bench& bench) {
  bench.is_dirty = true;
  std::optional<ConfigurationProblem> problem = bench.checker->configure(world_.settings);
  if (problem && problem != bench.problem)
    connection_.show_error(
        fmt::format("Lockwright's configuration cannot be used; {}: {}",
                    bench.is_checked ? "the last good one stays in force" : "the defaults are in force",
                    problem->message));
  bench.problem = std::move(problem);
}

void Workbench::check(Bench& bench, std::vector<OpenText> open) {
  bench.seen = std::move(open);
  try {
    analyse(bench);
  } catch (const std::exception& failure) {
    recover(bench, failure.what());
  } catch (...) {
    recover(bench, "unknown exception");
  }
  bench.is_dirty = false;
}

void Workbench::analyse(Bench& bench) {
  ShownProgress progress(connection_, client_.progress && !bench.is_checked && bench.file.empty(),
                         ++progresses_, bench.folder);
  source::Result<Checked> checked =
      bench.checker->check(bench.seen, [&](const char* stage) { progress.stage(stage); });
  if (!checked) {
    if (said_.insert(checked.error().message).second)
      connection_.show_error(
          fmt::format("Lockwright cannot check {}: {}", bench.folder, checked.error().message));
    return;
  }
  bench.checked = std::move(*checked);
  bench.is_checked = true;
  bench.with_fixes.clear();
  report(bench);
  say_what_is_left_out(bench);
}

/// The analysis broke down: what it kept cannot be trusted any more.
void Workbench::recover(Bench& bench, const char* what) {
  connection_.log(fmt::format("The analysis of {} failed ({}); it starts afresh with the next change",
                              bench.folder, what));
  if (said_.insert("failed " + bench.folder).second)
    connection_.show_error(
        fmt::format("Lockwright's analysis of {} failed: please report it ({})", bench.folder, what));
  bench.checker = analyzer_.checker(bench.folder, bench.file);
  static_cast<void>(bench.checker->configure(world_.settings));
}

void Workbench::report(Bench& bench) {
  bench.reports.clear();
  if (bench.checked.files == nullptr) return;
  const std::function<std::string(std::string_view)> uri = [&](std::string_view path) {
    return uri_of(bench, path);
  };
  const Translation by{*bench.checked.files, client_, analyzer_.rules, uri};
  for (const findings::Judged& judged : bench.checked.findings) {
    if (judged.state != findings::State::open) continue;
    std::string path = absolute(bench.checker->root(), by.files.path(judged.finding.primary.file));
    if (bench_of(path) != &bench) continue;  // an inner folder's business
    bench.reports[std::move(path)].items.push_back(diagnostic_of(judged.finding, by));
  }
}

/// Of an open file that is not analysed it is said why, once.
void Workbench::say_what_is_left_out(const Bench& bench) {
  for (const source::Note& note : bench.checked.notes) {
    if (note.line) continue;
    const std::string path = absolute(bench.checker->root(), note.path);
    const auto id = bench.checked.files->find(note.path);
    if (!world_.documents.contains(path) || (id && bench.checked.files->get(*id) != nullptr)) continue;
    const std::string text = fmt::format("Lockwright: {} {}", note.path, note.message);
    if (said_.insert(text).second) connection_.show_warning(text);
  }
}

void Workbench::deliver(const std::vector<std::string>& edited) {
  FileReports all;
  for (const auto& bench : benches_) {
    for (const auto& [path, report] : bench->reports) all[path].items = report.items;
    if (!bench->problem || bench->problem->file.empty()) continue;
    const Json at = {{"line", bench->problem->line - 1}, {"character", 0}};
    const Json end = {{"line", bench->problem->line}, {"character", 0}};
    Json& items = all[bench->problem->file].items;
    Json diagnostic = {{"range", {{"start", at}, {"end", end}}},
                       {"severity", 1},
                       {"code", "configuration"},
                       {"source", "lockwright"},
                       {"message", bench->problem->message}};
    if (std::find(items.begin(), items.end(), diagnostic) == items.end())
      items.push_back(std::move(diagnostic));
  }
  for (const auto& [path, document] : world_.documents) all[path].version = document.version;
  for (auto& [path, report] : all) {
    const auto document = world_.documents.find(path);
    report.uri = document == world_.documents.end() ? uri_of_path(path) : document->second.uri;
  }
  deliverer_.deliver(std::move(all), edited);
}

void Workbench::rest() {
  bool any = false;
  for (const auto& bench : benches_) {
    try {
      if (!bench->checker->rest()) continue;
      any = true;
      check(*bench, bench->seen);
    } catch (const std::exception& failure) {
      recover(*bench, failure.what());
    }
  }
  if (any) deliver({});
}

Workbench::Bench* Workbench::bench_of(std::string_view path) {
  Bench* found = nullptr;
  for (const auto& bench : benches_) {
    const bool holds =
        bench->file.empty() ? is_below(path, bench->folder) : path == absolute(bench->folder, bench->file);
    if (holds && (found == nullptr || bench->folder.size() > found->folder.size())) found = bench.get();
  }
  return found;
}

std::string Workbench::uri_of(const Bench& bench, std::string_view displayed_path) const {
  const std::string path = absolute(bench.checker->root(), displayed_path);
  const auto document = world_.documents.find(path);
  return document == world_.documents.end() ? uri_of_path(path) : document->second.uri;
}

std::optional<std::int64_t> Workbench::version_of(const std::string& uri) const {
  for (const auto& [path, document] : world_.documents) {
    if (document.uri == uri) return document.version;
  }
  return std::nullopt;
}

}  // namespace lockwright::lsp
