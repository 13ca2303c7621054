// See language_modules.h. Files are named by FileId in the scan and by a number of their own among those of
// the language, whose module index knows nothing of other languages' files.
#include "analyzer/cli/language_modules.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "analyzer/cli/cpp_modules.h"
#include "analyzer/cli/python_modules.h"
#include "analyzer/cli/typescript_modules.h"
#include "analyzer/frontends/common/shared_directory.h"
#include "analyzer/source/glance.h"
#include "analyzer/source/parallel.h"

namespace lockwright::cli {
namespace {

/// Of so many files that were edited last the syntax trees are kept.
constexpr std::size_t most_trees = 8;

source::Prefilter prefilter(const std::vector<std::string>& literals,
                            const std::vector<source::Clue>& clues = {}) {
  std::vector<source::Literal> all;
  all.reserve(literals.size());
  for (const std::string& literal : literals) all.push_back({.text = literal});
  return source::Prefilter(std::move(all), clues);
}

bool is_test_path(source::Language language, std::string_view path) {
  switch (language) {
    case source::Language::python: return frontends::python::is_test_path(path);
    case source::Language::typescript: return frontends::typescript::is_test_path(path);
    case source::Language::cpp: return frontends::cpp::is_test_path(path);
  }
  return false;
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

std::vector<paths::ModuleSource::Match> LanguageModules::find(const std::vector<std::string>& literals,
                                                              const std::vector<source::Clue>& clues) {
  std::vector<Match> matches = remembers_ ? find_remembering(literals, clues) : find_anew(literals, clues);
  std::erase_if(matches, [](const Match& match) { return match.literals.empty(); });
  std::sort(matches.begin(), matches.end(),
            [](const Match& left, const Match& right) { return left.module < right.module; });
  return matches;
}

void LanguageModules::widen(const source::Prefilter& filter) {
  source::Prefilters filters;
  filters.set(language_, filter);
  scan_.widen(filters);
}

std::vector<paths::ModuleSource::Match> LanguageModules::find_anew(const std::vector<std::string>& literals,
                                                                   const std::vector<source::Clue>& clues) {
  const source::Prefilter filter = prefilter(literals, clues);
  widen(filter);
  std::vector<std::size_t> open;
  for (const source::FileId id : scan_.selected()) {
    const std::optional<std::size_t> number = number_of_file(id);
    if (number && !parsed_.contains(*number) && scan_.may_match(id, filter)) open.push_back(*number);
  }
  std::vector<Match> matches(open.size());
  source::parallel_for(jobs_, open.size(), [&](std::size_t i, unsigned) {
    const source::SourceFile* file = scan_.files().get(files_[open[i]]);
    if (file == nullptr) return;
    matches[i] = {name(open[i]), filter.which(file->text()), is_test(open[i])};
  });
  return matches;
}

/// A text is looked through only for what it has not been looked through for. Literals are numbered in the
/// order in which they came, so what a text still has to be looked through for is the end of their list.
std::vector<paths::ModuleSource::Match> LanguageModules::find_remembering(
    const std::vector<std::string>& literals, const std::vector<source::Clue>& clues) {
  if (asked_.emplace(literals, clues).second) widen(prefilter(literals, clues));
  std::unordered_multimap<std::size_t, std::size_t> asked;  // number of a literal -> index in `literals`
  for (std::size_t i = 0; i < literals.size(); ++i) {
    const auto [entry, added] = literal_numbers_.try_emplace(literals[i], literals_.size());
    if (added) literals_.push_back(literals[i]);
    asked.emplace(entry->second, i);
  }
  const auto rest_from = [&](std::size_t first) {
    return prefilter({literals_.begin() + static_cast<std::ptrdiff_t>(first), literals_.end()});
  };
  seen_.resize(files_.size());
  std::map<std::size_t, source::Prefilter> filters;  // by the first literal in it
  std::vector<Match> matches;
  for (const source::FileId id : scan_.selected()) {
    const std::optional<std::size_t> number = number_of_file(id);
    const source::SourceFile* file = number ? scan_.files().get(id) : nullptr;
    if (file == nullptr) continue;
    Seen& seen = seen_[*number];
    if (seen.literals < literals_.size()) {
      auto filter = filters.find(seen.literals);
      if (filter == filters.end()) filter = filters.emplace(seen.literals, rest_from(seen.literals)).first;
      for (const std::size_t each : filter->second.which(file->text()))
        seen.found.push_back(seen.literals + each);
      seen.literals = literals_.size();
    }
    Match match{name(*number), {}, is_test(*number)};
    for (const std::size_t each : seen.found) {
      const auto [begin, end] = asked.equal_range(each);
      for (auto index = begin; index != end; ++index) match.literals.push_back(index->second);
    }
    std::sort(match.literals.begin(), match.literals.end());
    if (!match.literals.empty()) matches.push_back(std::move(match));
  }
  return matches;
}

void LanguageModules::forget(const std::string& module) {
  const std::optional<std::size_t> number = number_of(module);
  if (!number) return;
  parsed_.erase(*number);
  if (*number < seen_.size()) seen_[*number] = Seen();
  // A text that changes will mostly change again.
  const auto known = std::ranges::find(edited_, *number, &Edited::number);
  if (known != edited_.end()) {
    std::rotate(known, known + 1, edited_.end());
    return;
  }
  if (edited_.size() == most_trees) edited_.erase(edited_.begin());
  edited_.push_back({*number, std::make_unique<frontends::KeptTree>()});
}

frontends::KeptTree* LanguageModules::kept_tree(std::size_t number) const {
  const auto known = std::ranges::find(edited_, number, &Edited::number);
  return known == edited_.end() ? nullptr : known->tree.get();
}

std::optional<std::string> LanguageModules::module_in(source::FileId file) const {
  const std::optional<std::size_t> number = number_of_file(file);
  return number ? std::optional(name(*number)) : std::nullopt;
}

std::string_view LanguageModules::text(std::string_view module) const {
  const std::optional<std::size_t> number = number_of(module);
  const source::SourceFile* file = number ? scan_.files().get(files_[*number]) : nullptr;
  return file == nullptr ? std::string_view() : file->text();
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
  const auto cost = [&](std::size_t i) { return std::pair(is_slow(wanted[i]), files[i]->text().size()); };
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t left, std::size_t right) { return cost(left) > cost(right); });
  std::vector<std::optional<ir::Module>> results(wanted.size());
  constexpr std::size_t one_by_one = 1;
  source::parallel_for(
      jobs_, order.size(),
      [&](std::size_t i, unsigned) {
        results[order[i]] = parse(wanted[order[i]], *files[order[i]], kept_tree(wanted[order[i]]));
      },
      one_by_one);
  std::vector<ir::Module> parsed;
  for (std::optional<ir::Module>& result : results) {
    if (result) parsed.push_back(std::move(*result));
  }
  return parsed;
}

ir::Module LanguageModules::parse_file(source::FileId file) {
  const std::size_t number = *number_of_file_[static_cast<std::size_t>(file)];
  return parse(number, *scan_.files().get(file), kept_tree(number));
}

std::vector<source::FileId> tests_in(const source::FileTable& files) {
  std::array<std::vector<std::string_view>, source::language_count> paths;
  for (std::size_t i = 0; i < files.size(); ++i) {
    const auto id = static_cast<source::FileId>(i);
    paths[static_cast<std::size_t>(files.language(id))].push_back(files.path(id));
  }
  std::array<std::size_t, source::language_count> shared{};
  std::ranges::transform(paths, shared.begin(),
                         [](const auto& each) { return frontends::shared_directory(each).size(); });
  std::vector<source::FileId> result;
  for (std::size_t i = 0; i < files.size(); ++i) {
    const auto id = static_cast<source::FileId>(i);
    const source::Language language = files.language(id);
    if (is_test_path(language, files.path(id).substr(shared[static_cast<std::size_t>(language)])))
      result.push_back(id);
  }
  return result;
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
