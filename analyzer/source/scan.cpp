// The run is prefilter-first: parsing is dear, reading is cheap, and few files lock anything. The first pass
// reads every file into a buffer that the next one overwrites, notes its vocabulary, and copies the text only
// if a literal is in it. Which other files matter is learnt later, in rounds (the callers of what was found);
// a round asks the vocabularies, which takes a fraction of the time that reading everything again would, and
// reads only the files that answer yes.
#include "analyzer/source/scan.h"

#include <algorithm>

#include "analyzer/source/parallel.h"

namespace lockwright::source {
namespace {

using Clock = std::chrono::steady_clock;

}  // namespace

/// One thread's scratch memory and counts.
struct Scan::Worker {
  explicit Worker(std::size_t max_file_bytes) : reader(max_file_bytes) {}

  FileReader reader;
  VocabularyBuilder vocabulary;
  std::size_t files_read = 0;
  std::size_t bytes_read = 0;
};

Scan::Scan(ScanOptions options)
    : jobs_(effective_jobs(options.discovery.jobs)),
      max_file_bytes_(options.max_file_bytes),
      selects_early_(options.selects_early) {
  const std::string& directory = options.discovery.working_directory;
  const Clock::time_point start = Clock::now();
  Discovery discovery = discover(options.discovery);
  discovery_notes_ = std::move(discovery.notes);
  std::erase_if(options.in_memory, [&](InMemoryFile& file) {
    file.path = display_path(file.path, directory);
    const std::optional<std::string> why = why_not_analysed(file.path, options.discovery.languages);
    if (why) discovery_notes_.push_back({NoteKind::warning, file.path, std::nullopt, *why});
    return why.has_value();
  });
  files_ = std::make_shared<FileTable>(std::move(discovery.files), options.in_memory,
                                       FileTableOptions{max_file_bytes_, directory});
  stats_.directories = discovery.directories;
  stats_.files_seen = files_->size();
  stats_.discovery_time = Clock::now() - start;

  vocabularies_.resize(files_->size());
  is_selected_.resize(files_->size());
  remaining_.reserve(files_->size());
  for (std::size_t index = 0; index < files_->size(); ++index)
    remaining_.push_back(static_cast<FileId>(index));
}

LanguageSet Scan::languages() const {
  LanguageSet result;
  for (std::size_t index = 0; index < files_->size(); ++index)
    result.add(files_->language(static_cast<FileId>(index)));
  return result;
}

void Scan::replace(const std::vector<FileTable::Change>& changes) {
  files_ = files_->with(changes);
  for (const FileTable::Change& change : changes) {
    files_->load(change.file);
    const std::size_t index = static_cast<std::size_t>(change.file);
    if (is_selected_[index] != 0) continue;
    is_selected_[index] = 1;
    selected_.insert(std::ranges::lower_bound(selected_, change.file), change.file);
    std::erase(remaining_, change.file);
  }
}

std::vector<Note> Scan::notes() const {
  std::vector<Note> notes = files_->notes();
  notes.insert(notes.end(), discovery_notes_.begin(), discovery_notes_.end());
  sort_notes(notes);
  return notes;
}

std::vector<FileId> Scan::widen(const Prefilters& literals) {
  return pass(literals);
}

void Scan::set_aside(const std::vector<FileId>& files, const Prefilter& literals) {
  for_each(files, [&](FileId id, Worker& worker) {
    const std::optional<std::string_view> text = files_->peek(id, worker.reader);
    if (!text) return;
    ++worker.files_read;
    worker.bytes_read += text->size();
    if (literals.matches(*text) && files_->keep(id, *text) != nullptr)
      is_selected_[static_cast<std::size_t>(id)] = 1;
  });
  take_selected(files);
  std::erase_if(remaining_, [&](FileId id) { return std::ranges::binary_search(files, id); });
}

std::vector<FileId> Scan::pass(const Prefilters& literals) {
  ++stats_.passes;
  for_each(remaining_, [&](FileId id, Worker& worker) {
    const Prefilter* filter = literals.of(files_->language(id));
    if (filter != nullptr) look_at(id, *filter, worker);
  });
  std::vector<FileId> added = take_selected(remaining_);
  std::erase_if(remaining_, [&](FileId id) { return is_selected_[static_cast<std::size_t>(id)] != 0; });
  return added;
}

template <typename Look>
void Scan::for_each(const std::vector<FileId>& files, const Look& look) {
  const Clock::time_point start = Clock::now();
  std::vector<Worker> workers;
  workers.reserve(jobs_);
  while (workers.size() < jobs_) workers.emplace_back(max_file_bytes_);
  parallel_for(jobs_, files.size(),
               [&](std::size_t index, unsigned worker) { look(files[index], workers[worker]); });
  for (const Worker& worker : workers) {
    stats_.files_read += worker.files_read;
    stats_.bytes_read += worker.bytes_read;
  }
  stats_.prefilter_time += Clock::now() - start;
}

std::vector<FileId> Scan::take_selected(const std::vector<FileId>& files) {
  std::vector<FileId> added;
  for (const FileId id : files) {
    if (is_selected_[static_cast<std::size_t>(id)] == 0) continue;
    added.push_back(id);
    stats_.bytes_selected += files_->get(id)->text().size();
  }
  const auto middle = static_cast<std::ptrdiff_t>(selected_.size());
  selected_.insert(selected_.end(), added.begin(), added.end());
  std::inplace_merge(selected_.begin(), selected_.begin() + middle, selected_.end());
  stats_.files_selected = selected_.size();
  return added;
}

void Scan::look_at(FileId id, const Prefilter& literals, Worker& worker) {
  const std::size_t index = static_cast<std::size_t>(id);
  std::optional<Vocabulary>& vocabulary = vocabularies_[index];
  if (vocabulary && !literals.may_match(*vocabulary)) return;
  const std::optional<std::string_view> text = files_->peek(id, worker.reader);
  if (!text) {
    vocabulary.emplace();  // it is not tried again
    return;
  }
  ++worker.files_read;
  worker.bytes_read += text->size();
  if (!vocabulary) {
    vocabulary = worker.vocabulary.build(*text);
    if (!literals.may_match(*vocabulary)) return;
  }
  if (!selects_early_ && !literals.matches(*text, *vocabulary)) return;
  if (files_->keep(id, *text) != nullptr) is_selected_[index] = 1;
}

}  // namespace lockwright::source
