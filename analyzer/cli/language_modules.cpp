// See language_modules.h. Files are named by FileId in the scan and by a number of their own among those of
// the language, whose module index knows nothing of other languages' files.
#include "analyzer/cli/language_modules.h"

#include <algorithm>

#include "analyzer/cli/cpp_modules.h"
#include "analyzer/cli/python_modules.h"
#include "analyzer/cli/typescript_modules.h"
#include "analyzer/source/glance.h"
#include "analyzer/source/parallel.h"

namespace lockwright::cli {
namespace {

source::Prefilter prefilter(const std::vector<std::string>& literals) {
  std::vector<source::Literal> all;
  all.reserve(literals.size());
  for (const std::string& literal : literals) all.push_back({.text = literal});
  return source::Prefilter(std::move(all));
}

}  // namespace

LanguageModules::LanguageModules(source::Scan& scan, source::Language language, unsigned jobs)
    : scan_(scan), language_(language), jobs_(source::effective_jobs(jobs)) {
  const source::FileTable& files = scan.files();
  number_of_file_.resize(files.size());
  for (std::size_t i = 0; i < files.size(); ++i) {
    const auto id = static_cast<source::FileId>(i);
    if (files.language(id) != language) continue;
    number_of_file_[i] = files_.size();
    files_.push_back(id);
  }
}

const source::SourceFile* LanguageModules::load(std::size_t number) const {
  return scan_.files().load(files_[number]);
}

std::vector<std::string_view> LanguageModules::paths() const {
  std::vector<std::string_view> result;
  result.reserve(files_.size());
  for (const source::FileId id : files_) result.push_back(scan_.files().path(id));
  return result;
}

std::vector<paths::ModuleSource::Match> LanguageModules::find(const std::vector<std::string>& literals) {
  const source::Prefilter filter = prefilter(literals);
  source::Prefilters filters;
  filters.set(language_, filter);
  scan_.widen(filters);
  std::vector<std::size_t> open;
  for (const source::FileId id : scan_.selected()) {
    const std::optional<std::size_t> number = number_of_file_[static_cast<std::size_t>(id)];
    if (number && !parsed_.contains(*number)) open.push_back(*number);
  }
  std::vector<Match> matches(open.size());
  source::parallel_for(jobs_, open.size(), [&](std::size_t i, unsigned) {
    const source::SourceFile* file = scan_.files().get(files_[open[i]]);
    if (file == nullptr) return;
    matches[i] = {name(open[i]), filter.which(file->text()), is_test(open[i])};
  });
  std::erase_if(matches, [](const Match& match) { return match.literals.empty(); });
  std::sort(matches.begin(), matches.end(),
            [](const Match& left, const Match& right) { return left.module < right.module; });
  return matches;
}

std::string_view LanguageModules::text(std::string_view module) const {
  const std::optional<std::size_t> number = number_of(module);
  const source::SourceFile* file = number ? scan_.files().get(files_[*number]) : nullptr;
  return file == nullptr ? std::string_view() : file->text();
}

bool LanguageModules::may_pass(const std::string& module, std::string_view value,
                               const std::vector<std::string>& callees) {
  return source::may_be_passed(text(module), value, callees);
}

bool LanguageModules::on_one_line(const std::string& module, std::string_view one, std::string_view other) {
  return source::on_one_line(text(module), one, other);
}

std::vector<ir::Module> LanguageModules::parse(const std::vector<std::string>& modules) {
  std::vector<std::size_t> wanted;
  for (const std::string& module : modules) {
    const std::optional<std::size_t> number = number_of(module);
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
    results[order[i]] = parse(wanted[order[i]], *files[order[i]]);
  });
  std::vector<ir::Module> parsed;
  for (std::optional<ir::Module>& result : results) {
    if (result) parsed.push_back(std::move(*result));
  }
  return parsed;
}

ir::Module LanguageModules::parse_file(source::FileId file) {
  return parse(*number_of_file_[static_cast<std::size_t>(file)], *scan_.files().get(file));
}

std::unique_ptr<LanguageModules> modules_of(source::Language language, const models::Models& models,
                                            source::Scan& scan, const source::DiscoveryOptions& discovery,
                                            const CppOptions& cpp, std::vector<source::Note>& notes) {
  if (language == source::Language::python) return std::make_unique<PythonModules>(scan, discovery.jobs);
  if (language == source::Language::cpp)
    return std::make_unique<CppModules>(scan, models, discovery, cpp, notes);
  return std::make_unique<TypeScriptModules>(scan, discovery, notes);
}

}  // namespace lockwright::cli
