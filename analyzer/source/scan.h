// The first look at all files of a run: which are there, and which can matter.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

#include "analyzer/source/discovery.h"
#include "analyzer/source/file_table.h"
#include "analyzer/source/note.h"
#include "analyzer/source/prefilter.h"
#include "analyzer/source/vocabulary.h"

namespace lockwright::source {

struct ScanOptions {
  DiscoveryOptions discovery;           ///< its working directory and jobs are the whole scan's
  std::vector<InMemoryFile> in_memory;  ///< in the enabled languages; for others there is a note
  std::size_t max_file_bytes = kDefaultMaxFileBytes;
  /// Files are selected as soon as their vocabulary admits a match: later passes with the same literals, and
  /// those of later runs, then read none of them again.
  bool selects_early = false;
};

/// For --stats.
struct ScanStats {
  std::size_t directories = 0;  ///< listed
  std::size_t files_seen = 0;   ///< found by discovery, or in memory
  std::size_t files_read = 0;   ///< read, counted anew by each pass
  std::size_t bytes_read = 0;   ///< in files_read
  std::size_t files_selected = 0;
  std::size_t bytes_selected = 0;  ///< text kept in memory
  std::size_t passes = 0;          ///< one a widen(), and the first
  std::chrono::nanoseconds discovery_time{};
  std::chrono::nanoseconds prefilter_time{};  ///< reading and prefiltering, all passes
};

/// What to look for in the files of each language. Files of a language without a prefilter are left alone.
class Prefilters {
 public:
  Prefilters() = default;
  /// The same for all languages.
  explicit Prefilters(const Prefilter& all) {
    for (std::optional<Prefilter>& each : filters_) each = all;
  }

  void set(Language language, Prefilter filter) {
    filters_[static_cast<std::size_t>(language)] = std::move(filter);
  }
  [[nodiscard]] const Prefilter* of(Language language) const {
    const std::optional<Prefilter>& filter = filters_[static_cast<std::size_t>(language)];
    return filter ? &*filter : nullptr;
  }

 private:
  std::array<std::optional<Prefilter>, language_count> filters_;
};

/// Discovers the files of a run, reads each once, and selects those that contain one of a set of literals:
/// only their text is kept. Of each other file stays its path (resolving imports needs to know that it
/// exists) and its vocabulary, so that later passes with other literals read only the files that they select.
///
/// One thread at a time may call widen(); the FileTable may be used by any number of threads meanwhile.
/// Results do not depend on the number of jobs.
class Scan {
 public:
  /// Only finds out which files there are. What to look for in them may hang on that.
  explicit Scan(ScanOptions options);
  /// Does the first pass, too. REQUIRES: there are literals for each enabled language.
  Scan(ScanOptions options, const Prefilters& literals) : Scan(std::move(options)) { widen(literals); }
  Scan(ScanOptions options, const Prefilter& literals) : Scan(std::move(options), Prefilters(literals)) {}

  /// The languages of the files.
  [[nodiscard]] LanguageSet languages() const;

  /// Every file that was found, whether selected or not. Any of them can be loaded through it.
  [[nodiscard]] FileTable& files() { return *files_; }
  [[nodiscard]] const FileTable& files() const { return *files_; }

  /// The files selected so far, in ascending order. They are loaded.
  [[nodiscard]] const std::vector<FileId>& selected() const { return selected_; }

  /// Selects, among the files that are not selected yet, those that contain one of these literals, and
  /// returns them in ascending order. They are loaded.
  std::vector<FileId> widen(const Prefilters& literals);
  std::vector<FileId> widen(const Prefilter& literals) { return widen(Prefilters(literals)); }

  /// False if the file certainly has not what is looked for; true if its text must tell.
  [[nodiscard]] bool may_match(FileId id, const Prefilter& literals) const {
    const std::optional<Vocabulary>& vocabulary = vocabularies_[static_cast<std::size_t>(id)];
    return !vocabulary || literals.may_match(*vocabulary);
  }

  /// Selects those of `files` (ascending, none selected yet) that contain one of these few literals. No later
  /// pass looks at any of the others, so their vocabularies, which are the larger part of the work, are not
  /// made.
  void set_aside(const std::vector<FileId>& files, const Prefilter& literals);

  /// Some files are not what they were. They count as selected from now on. files() is another table then;
  /// what was shared of the one before stays as it is.
  void replace(const std::vector<FileTable::Change>& changes);

  [[nodiscard]] std::shared_ptr<FileTable> share_files() { return files_; }

  /// What went wrong so far, in discovery and with single files. Sorted.
  [[nodiscard]] std::vector<Note> notes() const;

  [[nodiscard]] const ScanStats& stats() const { return stats_; }

 private:
  struct Worker;

  std::vector<FileId> pass(const Prefilters& literals);
  /// Calls `look(file, worker)` for each, side by side.
  template <typename Look>
  void for_each(const std::vector<FileId>& files, const Look& look);
  /// Takes those of `files` that have been found to be wanted over into selected_.
  std::vector<FileId> take_selected(const std::vector<FileId>& files);
  void look_at(FileId id, const Prefilter& literals, Worker& worker);

  unsigned jobs_;
  std::size_t max_file_bytes_;
  bool selects_early_;
  std::shared_ptr<FileTable> files_;
  std::vector<Note> discovery_notes_;
  std::vector<FileId> remaining_;                        ///< could be read and are not selected; ascending
  std::vector<std::optional<Vocabulary>> vocabularies_;  ///< by file, once it has been read
  std::vector<char> is_selected_;                        ///< by file; written by the thread that looks at it
  std::vector<FileId> selected_;
  ScanStats stats_;
};

}  // namespace lockwright::source
