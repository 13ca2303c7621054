// A run knows thousands of files and needs the text of a few. The table of paths is complete from the start,
// because resolving an import needs to know which files exist; each file has a slot that is filled at most
// once. Two threads that load the same file at once both read it, and the second to finish throws its copy
// away: that is rarer and cheaper than a lock a file.
#include "analyzer/source/file_table.h"

#include <algorithm>

#include "analyzer/source/walk.h"

namespace lockwright::source {
namespace {

bool by_path(const DiscoveredFile& file, std::string_view path) {
  return file.path < path;
}

}  // namespace

FileTable::FileTable(std::shared_ptr<const std::vector<DiscoveredFile>> files, FileTableOptions options)
    : files_(std::move(files)),
      options_(std::move(options)),
      slots_(std::make_unique<Slot[]>(files_->size())) {}

FileTable::FileTable(std::vector<DiscoveredFile> files, const std::vector<InMemoryFile>& in_memory,
                     FileTableOptions options)
    : options_(std::move(options)) {
  for (const InMemoryFile& file : in_memory) {
    const std::optional<Language> language = language_of(file.path);
    const auto at = std::lower_bound(files.begin(), files.end(), file.path, by_path);
    const bool known = at != files.end() && at->path == file.path;
    if (language && !known) files.insert(at, {file.path, *language});
  }
  files_ = std::make_shared<const std::vector<DiscoveredFile>>(std::move(files));
  slots_ = std::make_unique<Slot[]>(files_->size());
  for (const InMemoryFile& file : in_memory) {
    if (const std::optional<FileId> id = find(file.path)) take(*id, file.text);
  }
}

/// A text that is not on disk is judged as one that is.
void FileTable::take(FileId id, std::string_view text) {
  if (text.size() > options_.max_file_bytes) {
    note(id, too_large(text.size(), options_.max_file_bytes), false);
    return;
  }
  auto problem = check_binary(text);
  if (!problem && language(id) == Language::typescript) problem = check_minified(path(id), text);
  if (problem) {
    note(id, problem->message, problem->usable);
  } else {
    keep(id, text);
  }
}

std::unique_ptr<FileTable> FileTable::with(const std::vector<Change>& changes) const {
  std::unique_ptr<FileTable> result(new FileTable(files_, options_));
  std::vector<bool> changed(size());
  for (const Change& change : changes) changed[index(change.file)] = true;
  for (std::size_t i = 0; i < size(); ++i) {
    if (changed[i]) continue;
    Slot& slot = result->slots_[i];
    slot.file.store(slots_[i].file.load());
    slot.owner = slots_[i].owner;
    slot.noted.store(slots_[i].noted.load());
    slot.refused.store(slots_[i].refused.load());
  }
  for (const Note& note : notes()) {
    const std::optional<FileId> id = find(note.path);
    if (!id || !changed[index(*id)]) result->notes_.push_back(note);
  }
  for (const Change& change : changes) {
    if (change.text) result->take(change.file, *change.text);
  }
  return result;
}

std::optional<FileId> FileTable::find(std::string_view path) const {
  const auto at = std::lower_bound(files_->begin(), files_->end(), path, by_path);
  if (at == files_->end() || at->path != path) return std::nullopt;
  return static_cast<FileId>(at - files_->begin());
}

const SourceFile* FileTable::get(FileId id) const {
  return slots_[index(id)].file.load(std::memory_order_acquire);
}

const SourceFile* FileTable::load(FileId id) {
  if (const SourceFile* loaded = get(id)) return loaded;
  FileReader reader(options_.max_file_bytes);
  const std::optional<std::string_view> text = peek(id, reader);
  return text ? keep(id, *text) : nullptr;
}

std::optional<std::string_view> FileTable::peek(FileId id, FileReader& reader) {
  if (const SourceFile* loaded = get(id)) return loaded->text();
  if (slots_[index(id)].refused.load(std::memory_order_relaxed)) return std::nullopt;
  const Result<std::string_view> text = reader.read(open_path(id));
  if (!text) {
    note(id, text.error().message, false);
    return std::nullopt;
  }
  auto problem = check_binary(*text);
  if (!problem && language(id) == Language::typescript) problem = check_minified(path(id), *text);
  if (problem) {
    note(id, problem->message, problem->usable);
    return std::nullopt;
  }
  return *text;
}

const SourceFile* FileTable::keep(FileId id, std::string_view text) {
  if (const SourceFile* loaded = get(id)) return loaded;
  if (const auto problem = check_encoding(text)) {
    note(id, problem->message, problem->usable);
    if (!problem->usable) return nullptr;
  }
  auto file = std::make_shared<const SourceFile>(id, path(id), language(id), text);
  const SourceFile* expected = nullptr;
  if (!slots_[index(id)].file.compare_exchange_strong(expected, file.get(), std::memory_order_acq_rel)) {
    return expected;
  }
  const SourceFile* const kept = file.get();
  slots_[index(id)].owner = std::move(file);
  return kept;
}

std::vector<Note> FileTable::notes() const {
  const std::lock_guard lock(notes_mutex_);
  std::vector<Note> notes = notes_;
  sort_notes(notes);
  return notes;
}

std::string FileTable::open_path(FileId id) const {
  const std::string_view path = this->path(id);
  return path.starts_with('/') ? std::string(path) : join_path(options_.working_directory, path);
}

void FileTable::note(FileId id, std::string message, bool usable) {
  Slot& slot = slots_[index(id)];
  if (!usable) slot.refused.store(true, std::memory_order_relaxed);
  if (slot.noted.exchange(true)) return;
  const std::lock_guard lock(notes_mutex_);
  notes_.push_back({NoteKind::warning, std::string(path(id)), std::nullopt, std::move(message)});
}

}  // namespace lockwright::source
