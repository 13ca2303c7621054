// See python_modules.h. Files are named by FileId in the scan and by a number of their own in the module
// index, which knows nothing of other languages' files.
#include "analyzer/cli/python_modules.h"

#include <algorithm>

#include "analyzer/source/parallel.h"

namespace lockwright::cli {
namespace {

std::vector<source::FileId> python_files(const source::FileTable& files) {
  std::vector<source::FileId> result;
  for (std::size_t i = 0; i < files.size(); ++i) {
    const auto id = static_cast<source::FileId>(i);
    if (files.language(id) == source::Language::python) result.push_back(id);
  }
  return result;
}

std::vector<std::string_view> paths_of(const source::FileTable& files,
                                       const std::vector<source::FileId>& ids) {
  std::vector<std::string_view> result;
  result.reserve(ids.size());
  for (const source::FileId id : ids) result.push_back(files.path(id));
  return result;
}

source::Prefilter prefilter(const std::vector<std::string>& literals) {
  std::vector<source::Literal> all;
  all.reserve(literals.size());
  for (const std::string& literal : literals) all.push_back({.text = literal});
  return source::Prefilter(std::move(all));
}

}  // namespace

PythonModules::PythonModules(source::Scan& scan, unsigned jobs)
    : scan_(scan),
      jobs_(source::effective_jobs(jobs)),
      files_(python_files(scan.files())),
      index_(paths_of(scan.files(), files_)) {
  number_of_file_.resize(scan.files().size());
  for (std::size_t number = 0; number < files_.size(); ++number) {
    number_of_file_[static_cast<std::size_t>(files_[number])] = number;
  }
}

std::vector<paths::ModuleSource::Match> PythonModules::find(const std::vector<std::string>& literals,
                                                            const std::vector<std::string>& companions) {
  const source::Prefilter filter = prefilter(literals);
  const source::Prefilter companion_filter = prefilter(companions);
  scan_.widen(filter);
  std::vector<std::size_t> open;
  for (const source::FileId id : scan_.selected()) {
    const std::optional<std::size_t> number = number_of_file_[static_cast<std::size_t>(id)];
    if (number && !parsed_.contains(*number)) open.push_back(*number);
  }
  std::vector<Match> matches(open.size());
  source::parallel_for(jobs_, open.size(), [&](std::size_t i, unsigned) {
    const source::SourceFile* file = scan_.files().get(files_[open[i]]);
    if (file == nullptr) return;
    matches[i] = {index_.name(open[i]), filter.which(file->text()), index_.is_test(open[i])};
    if (matches[i].literals.empty() || companions.empty()) return;
    for (const std::size_t companion : companion_filter.which(file->text())) {
      matches[i].literals.push_back(literals.size() + companion);
    }
  });
  std::erase_if(matches, [](const Match& match) { return match.literals.empty(); });
  std::sort(matches.begin(), matches.end(),
            [](const Match& left, const Match& right) { return left.module < right.module; });
  return matches;
}

std::vector<ir::Module> PythonModules::parse(const std::vector<std::string>& modules) {
  const auto begin = std::chrono::steady_clock::now();
  std::vector<std::size_t> wanted;
  for (const std::string& module : modules) {
    const std::optional<std::size_t> number = index_.file_of(module);
    if (number && parsed_.insert(*number).second) wanted.push_back(*number);
  }
  std::sort(wanted.begin(), wanted.end());
  std::vector<const source::SourceFile*> files(wanted.size());
  source::parallel_for(jobs_, wanted.size(),
                       [&](std::size_t i, unsigned) { files[i] = scan_.files().load(files_[wanted[i]]); });
  // The largest first, so that no thread is left with one when the others are done.
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (files[i] != nullptr) order.push_back(i);
  }
  std::stable_sort(order.begin(), order.end(), [&](std::size_t left, std::size_t right) {
    return files[left]->text().size() > files[right]->text().size();
  });
  std::vector<std::optional<ir::Module>> results(wanted.size());
  source::parallel_for(jobs_, order.size(), [&](std::size_t i, unsigned) {
    results[order[i]] = parse_file(files_[wanted[order[i]]]);
  });
  std::vector<ir::Module> parsed;
  for (std::optional<ir::Module>& result : results) {
    if (result) parsed.push_back(std::move(*result));
  }
  parse_time_ += std::chrono::steady_clock::now() - begin;
  return parsed;
}

std::optional<std::string> PythonModules::module_of(std::string_view qualified_name) const {
  return index_.module_of(qualified_name);
}

ir::Module PythonModules::parse_file(source::FileId file) {
  const std::size_t number = *number_of_file_[static_cast<std::size_t>(file)];
  return frontends::python::parse({.file = file,
                                   .module_name = index_.name(number),
                                   .text = scan_.files().get(file)->text(),
                                   .is_package = index_.is_package(number),
                                   .is_test = index_.is_test(number)},
                                  index_);
}

}  // namespace lockwright::cli
