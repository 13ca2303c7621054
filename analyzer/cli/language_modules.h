// The modules of a run in one language: files and a frontend, as the engine asks for them.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "analyzer/frontends/common/kept_tree.h"
#include "analyzer/models/model.h"
#include "analyzer/paths/demand.h"
#include "analyzer/source/scan.h"

namespace lockwright::cli {

struct CppOptions;

/// What is the same for all languages: which files to look through, which to parse, in what order. What a
/// module is called and how it is parsed, a language says below.
class LanguageModules : public paths::ModuleSource {
 public:
  /// `scan` has selected the files with lock triggers; it must outlive this. Uses up to `jobs` threads.
  LanguageModules(source::Scan& scan, source::Language language, unsigned jobs);

  std::vector<Match> find(const std::vector<std::string>& literals,
                          const std::vector<source::Clue>& clues) override;
  [[nodiscard]] std::string_view text(std::string_view module) const override;
  std::vector<ir::Module> parse(const std::vector<std::string>& modules) override;
  void forget(const std::string& module) override;
  [[nodiscard]] bool finds_parsed() const override { return remembers_; }

  /// From now on what was found in a text is remembered until that is forgotten, and modules that are parsed
  /// are found too: for searches that follow one another.
  void remember() { remembers_ = true; }
  /// The module in a file; nothing for files of other languages.
  [[nodiscard]] std::optional<std::string> module_in(source::FileId file) const;

  /// The module in one file, parsed. REQUIRES: `file` is a file of this language in the scan and is loaded.
  virtual ir::Module parse_file(source::FileId file);

  [[nodiscard]] std::size_t parsed_count() const { return parsed_.size(); }

 protected:
  [[nodiscard]] unsigned jobs() const { return jobs_; }
  [[nodiscard]] std::optional<std::size_t> number_of_file(source::FileId file) const {
    return number_of_file_[static_cast<std::size_t>(file)];
  }
  /// Loads a file by its number; null when it cannot be read. Thread-safe.
  [[nodiscard]] const source::SourceFile* load(std::size_t number) const;
  /// The displayed paths of the language's files, in the order of their numbers.
  [[nodiscard]] std::vector<std::string_view> paths() const;

  [[nodiscard]] virtual const std::string& name(std::size_t number) const = 0;
  [[nodiscard]] virtual bool is_test(std::size_t number) const = 0;
  [[nodiscard]] virtual std::optional<std::size_t> number_of(std::string_view module) const = 0;
  /// Whether parsing it takes a thousand times as long as others of its size: it is begun early.
  [[nodiscard]] virtual bool is_slow(std::size_t /*number*/) const { return false; }
  /// `kept`: of that file, or null. Thread-safe for different files.
  [[nodiscard]] virtual ir::Module parse(std::size_t number, const source::SourceFile& file,
                                         frontends::KeptTree* kept) const = 0;

 private:
  std::vector<Match> find_anew(const std::vector<std::string>& literals,
                               const std::vector<source::Clue>& clues);
  std::vector<Match> find_remembering(const std::vector<std::string>& literals,
                                      const std::vector<source::Clue>& clues);
  void widen(const source::Prefilter& filter);
  [[nodiscard]] frontends::KeptTree* kept_tree(std::size_t number) const;

  source::Scan& scan_;
  source::Language language_;
  unsigned jobs_;
  std::vector<source::FileId> files_;                       ///< the language's files, by number
  std::vector<std::optional<std::size_t>> number_of_file_;  ///< by FileId
  std::unordered_set<std::size_t> parsed_;                  ///< numbers
  bool remembers_ = false;
  /// What the scan has been widened by: the same again adds nothing.
  std::set<std::pair<std::vector<std::string>, std::vector<source::Clue>>> asked_;
  std::unordered_map<std::string, std::size_t> literal_numbers_;  ///< of all literals ever asked for
  std::vector<std::string> literals_;                             ///< by number
  struct Seen {
    std::size_t literals = 0;             ///< it has been looked through for so many
    std::vector<std::size_t> found = {};  ///< which of these it has, ascending
  };
  std::vector<Seen> seen_;  ///< by number of the file
  struct Edited {
    std::size_t number;
    std::unique_ptr<frontends::KeptTree> tree;
  };
  std::vector<Edited> edited_;  ///< the files that were forgotten last, the latest at the end
};

/// The tests among the files, ascending. Nothing is judged in them, and nothing but tests calls them.
std::vector<source::FileId> tests_in(const source::FileTable& files);

/// The modules of `language` in the scan. What is wrong with files that say what imports mean (package.json)
/// goes to `notes`, which must outlive this.
std::unique_ptr<LanguageModules> modules_of(source::Language language, const models::Models& models,
                                            source::Scan& scan, const source::DiscoveryOptions& discovery,
                                            const CppOptions& cpp, std::vector<source::Note>& notes);

}  // namespace lockwright::cli
