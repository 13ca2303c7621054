// All files of a run: which exist, and the text of those that are needed.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analyzer/source/discovery.h"
#include "analyzer/source/file.h"
#include "analyzer/source/file_reader.h"
#include "analyzer/source/note.h"
#include "analyzer/source/result.h"

namespace lockwright::source {

/// Text that stands for a file, whether that exists on disk or not: standard input under a given name, or an
/// editor's unsaved buffer.
struct InMemoryFile {
  std::string path;  ///< as displayed (see display_path()); its ending tells the language
  std::string text;
};

struct FileTableOptions {
  std::size_t max_file_bytes = kDefaultMaxFileBytes;  ///< larger files are not loaded, but for a note
  std::string working_directory;                      ///< what paths are relative to; empty: the process's
};

/// The files of a run by id. Which files there are is fixed at construction; ids are their indices in the
/// order of their paths. Their texts are loaded when asked for, once, and then neither move nor change until
/// the table dies. Everything may be called from several threads at once.
class FileTable {
 public:
  /// REQUIRES: `files` is sorted by path and names each once, as discover() gives them. In-memory files are
  /// added, or take the place of the file of the same path; those in no language are left out.
  FileTable(std::vector<DiscoveredFile> files, const std::vector<InMemoryFile>& in_memory,
            FileTableOptions options);
  FileTable(const FileTable&) = delete;
  FileTable& operator=(const FileTable&) = delete;

  /// A change of one file: to a text that takes its place, or to what is on disk now.
  struct Change {
    FileId file{};
    std::optional<std::string> text;
  };
  /// The same files with these changes. What is loaded is shared, so this costs little. While it is made,
  /// nobody may load files of this one.
  [[nodiscard]] std::unique_ptr<FileTable> with(const std::vector<Change>& changes) const;

  [[nodiscard]] std::size_t size() const { return files_->size(); }
  [[nodiscard]] std::string_view path(FileId id) const { return (*files_)[index(id)].path; }
  [[nodiscard]] Language language(FileId id) const { return (*files_)[index(id)].language; }

  /// The file with this displayed path.
  [[nodiscard]] std::optional<FileId> find(std::string_view path) const;

  /// The file, if it has been loaded; null otherwise.
  [[nodiscard]] const SourceFile* get(FileId id) const;

  /// The file, loaded if need be. Null if it cannot be analysed, which is then in notes().
  const SourceFile* load(FileId id);

  /// A look at a file's text without keeping it: the loaded text, or else the reader's, valid until the
  /// reader's next read. Nothing if it cannot be analysed, which is then in notes().
  std::optional<std::string_view> peek(FileId id, FileReader& reader);

  /// Loads a file from the text that peek() gave. Null if it turns out not to be text.
  const SourceFile* keep(FileId id, std::string_view text);

  /// Everything that could not be loaded, or only with reservations, so far. Sorted.
  [[nodiscard]] std::vector<Note> notes() const;

 private:
  struct Slot {
    std::atomic<const SourceFile*> file{nullptr};  ///< set once
    std::shared_ptr<const SourceFile> owner;       ///< of `file`; other tables may share it
    std::atomic<bool> noted{false};                ///< there is a note about it
    std::atomic<bool> refused{false};              ///< it cannot be analysed
  };

  [[nodiscard]] static std::size_t index(FileId id) { return static_cast<std::size_t>(id); }
  [[nodiscard]] std::string open_path(FileId id) const;
  void note(FileId id, std::string message, bool usable);
  void take(FileId id, std::string_view text);
  FileTable(std::shared_ptr<const std::vector<DiscoveredFile>> files, FileTableOptions options);

  /// Paths are borrowed by the files, which tables share: so they share this too.
  std::shared_ptr<const std::vector<DiscoveredFile>> files_;
  FileTableOptions options_;
  std::unique_ptr<Slot[]> slots_;
  mutable std::mutex notes_mutex_;
  std::vector<Note> notes_;
};

}  // namespace lockwright::source
