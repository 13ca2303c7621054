// Every directory is a task: list it, keep its files, and add its subdirectories as new tasks. Threads take
// tasks from one shared stack until it is empty and nobody is working on one that could add more. A listing
// tells what each entry is (d_type), so nothing is asked of the file system but the listings themselves and
// the ignore files that show up in them; what is no directory and has no known ending is dropped at once,
// before any pattern is matched.
#include "analyzer/source/walk.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>

#include "analyzer/source/file_reader.h"
#include "analyzer/source/parallel.h"

namespace lockwright::source {
namespace {

struct Task {
  std::uint32_t root = 0;
  std::string relative;                ///< the directory's path below its root
  const IgnoreScope* scope = nullptr;  ///< applies to the directory itself
};

/// The directories that are still to be listed. Thread-safe.
class TaskStack {
 public:
  explicit TaskStack(std::vector<Task> tasks) : tasks_(std::move(tasks)) {}

  /// Says that the caller's last task is done and what it added, and takes the next. Waits while there is
  /// none but other threads are still working; nothing when all is done.
  std::optional<Task> next(bool finished_one, std::vector<Task>& added) {
    std::unique_lock lock(mutex_);
    if (finished_one) --working_;
    std::move(added.begin(), added.end(), std::back_inserter(tasks_));
    if (waiting_ != 0 && (added.size() > 1 || (tasks_.empty() && working_ == 0))) changed_.notify_all();
    added.clear();
    ++waiting_;
    changed_.wait(lock, [this] { return !tasks_.empty() || working_ == 0; });
    --waiting_;
    if (tasks_.empty()) return std::nullopt;
    ++working_;
    Task task = std::move(tasks_.back());
    tasks_.pop_back();
    return task;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Task> tasks_;
  unsigned working_ = 0;
  unsigned waiting_ = 0;
};

enum class EntryType : std::uint8_t { other, directory, file };

EntryType type_of(DIR* directory, const dirent& entry) {
  if (entry.d_type == DT_DIR) return EntryType::directory;
  if (entry.d_type == DT_REG) return EntryType::file;
  if (entry.d_type != DT_UNKNOWN) return EntryType::other;
  struct stat status{};
  if (::fstatat(::dirfd(directory), entry.d_name, &status, AT_SYMLINK_NOFOLLOW) != 0) return EntryType::other;
  return S_ISDIR(status.st_mode)   ? EntryType::directory
         : S_ISREG(status.st_mode) ? EntryType::file
                                   : EntryType::other;
}

/// One thread's part of a walk.
class Walker {
 public:
  Walker(const std::vector<WalkRoot>& roots, const WalkOptions& options) : roots_(roots), options_(options) {}

  /// Lists one directory: its files go to `found`, its subdirectories to `added`.
  void list(const Task& task, std::vector<Task>& added);

  Walk found;
  std::vector<std::unique_ptr<const IgnoreScope>> scopes;  ///< those made here; must outlive the whole walk

 private:
  struct Entry {
    std::size_t name_begin = 0;  ///< in names_
    std::size_t name_size = 0;
    std::optional<Language> language;  ///< none: a directory
  };

  [[nodiscard]] IgnoreFilesPresent read_entries(DIR* directory);

  const std::vector<WalkRoot>& roots_;
  const WalkOptions& options_;
  std::string names_;           ///< scratch: the names of entries_
  std::vector<Entry> entries_;  ///< scratch
};

IgnoreFilesPresent Walker::read_entries(DIR* directory) {
  names_.clear();
  entries_.clear();
  IgnoreFilesPresent present;
  while (const dirent* entry = ::readdir(directory)) {
    const std::string_view name = entry->d_name;
    if (name == "." || name == "..") continue;
    present.git |= name == ".git";
    present.gitignore |= name == ".gitignore";
    present.dot_ignore |= name == ".ignore";
    const std::optional<Language> language = language_of(name);
    const bool wanted = language.has_value() && options_.languages.contains(*language);
    if (!wanted && entry->d_type != DT_DIR && entry->d_type != DT_UNKNOWN) continue;
    const EntryType type = type_of(directory, *entry);
    if (type == EntryType::directory ? name == ".git" : type != EntryType::file || !wanted) continue;
    entries_.push_back({names_.size(), name.size(), type == EntryType::file ? language : std::nullopt});
    names_ += name;
  }
  return present;
}

void Walker::list(const Task& task, std::vector<Task>& added) {
  const WalkRoot& root = roots_[task.root];
  const std::unique_ptr<DIR, int (*)(DIR*)> directory(::opendir(join_path(root.open, task.relative).c_str()),
                                                      &::closedir);
  const std::string display = join_path(root.display, task.relative);
  if (!directory) {
    found.notes.push_back({NoteKind::warning, display.empty() ? "." : display, std::nullopt,
                           "cannot be read: " + describe_errno(errno)});
    return;
  }
  ++found.directories;
  const IgnoreFilesPresent present = read_entries(directory.get());

  std::string absolute = join_path(root.absolute, task.relative);
  const IgnoreScope* scope = task.scope;
  if (options_.respect_ignore_files && present.any()) {
    scopes.push_back(read_ignore_scope(absolute, display, present, scope, found.notes));
    scope = scopes.back().get();
  }
  if (!absolute.ends_with('/')) absolute += '/';
  const std::size_t directory_length = absolute.size();
  for (const Entry& entry : entries_) {
    const std::string_view name = std::string_view(names_).substr(entry.name_begin, entry.name_size);
    const bool is_directory = !entry.language.has_value();
    absolute.resize(directory_length);
    absolute += name;
    if (options_.exclude->excludes(absolute, is_directory) || is_ignored(scope, absolute, is_directory))
      continue;
    if (is_directory) {
      added.push_back({task.root, join_path(task.relative, name), scope});
    } else {
      found.files.push_back({task.root, *entry.language, join_path(task.relative, name)});
    }
  }
}

}  // namespace

bool ExcludeRules::excludes(std::string_view absolute_path, bool is_directory) const {
  if (rules.empty()) return false;
  const std::size_t prefix = base.ends_with('/') ? base.size() : base.size() + 1;
  const bool inside =
      absolute_path.size() > prefix && absolute_path.starts_with(base) && absolute_path[prefix - 1] == '/';
  const Verdict verdict =
      inside ? rules.match(absolute_path.substr(prefix), is_directory)
             : rules.match_name(absolute_path.substr(absolute_path.rfind('/') + 1), is_directory);
  return verdict == Verdict::ignore;
}

std::string join_path(std::string_view directory, std::string_view name) {
  std::string path;
  path.reserve(directory.size() + 1 + name.size());
  path += directory;
  if (!directory.empty() && !name.empty() && !directory.ends_with('/')) path += '/';
  path += name;
  return path;
}

Walk walk(const std::vector<WalkRoot>& roots, const WalkOptions& options) {
  std::vector<Task> first;
  for (std::uint32_t root = 0; root < roots.size(); ++root) first.push_back({root, "", roots[root].scope});
  if (first.empty()) return {};

  TaskStack tasks(std::move(first));
  std::vector<Walker> walkers;
  walkers.reserve(options.jobs);
  while (walkers.size() < options.jobs) walkers.emplace_back(roots, options);
  run_workers(options.jobs, [&](unsigned worker) {
    std::vector<Task> added;
    for (bool finished_one = false;; finished_one = true) {
      const std::optional<Task> task = tasks.next(finished_one, added);
      if (!task) return;
      walkers[worker].list(*task, added);
    }
  });

  Walk all = std::move(walkers[0].found);
  for (std::size_t worker = 1; worker < walkers.size(); ++worker) {
    Walk& part = walkers[worker].found;
    std::move(part.files.begin(), part.files.end(), std::back_inserter(all.files));
    std::move(part.notes.begin(), part.notes.end(), std::back_inserter(all.notes));
    all.directories += part.directories;
  }
  return all;
}

}  // namespace lockwright::source
