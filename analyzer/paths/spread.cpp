// Paths are told apart by what they do to locks, and where. One that takes a lock at a place where no other
// does is kept for that; so is the first that leaves by an exception after it. What is the same as in a path
// kept before counts for nothing.
#include "analyzer/paths/spread.h"

#include <algorithm>
#include <array>
#include <map>

#include "analyzer/paths/held.h"

namespace lockwright::paths {
namespace {

/// Something that a path has, by which it may differ from others.
struct Mark {
  source::Range place;
  bool refused = false;  ///< a step that was; an exception
  source::Range call;    ///< that it came through; the last telling step before an exception
  source::Range
      judged;  ///< by what was judged before: where what was read made no sense, the clock was asked
  friend bool operator==(const Mark&, const Mark&) = default;
};

/// The marks seen so far: a hash table without deletion, since this is asked for every step of every path.
class Marks {
 public:
  explicit Marks(std::size_t most) {
    std::size_t size = 16;
    while (size < 2 * most) size *= 2;
    slots_.resize(size, empty);
    marks_.reserve(most);
  }

  /// False when it was there. REQUIRES: called no more often than `most` says.
  bool insert(const Mark& mark) {
    std::size_t at = hash(mark) & (slots_.size() - 1);
    for (; slots_[at] != empty; at = (at + 1) & (slots_.size() - 1)) {
      if (marks_[slots_[at]] == mark) return false;
    }
    slots_[at] = static_cast<std::uint32_t>(marks_.size());
    marks_.push_back(mark);
    return true;
  }

 private:
  static constexpr std::uint32_t empty = 0xffffffff;

  static std::size_t hash(const Mark& mark) {
    std::size_t result = mark.refused ? 1 : 0;
    for (const source::Range& range : {mark.place, mark.call, mark.judged}) {
      for (const std::uint32_t part : {static_cast<std::uint32_t>(range.file), range.begin, range.end})
        result = (result ^ part) * 0x9e3779b97f4a7c15ULL;
    }
    return result ^ (result >> 32);
  }

  std::vector<std::uint32_t> slots_;  ///< indices of marks
  std::vector<Mark> marks_;
};

class Chooser {
 public:
  Chooser(std::span<const Course> courses, std::size_t bound)
      : courses_(courses), bound_(bound), chosen_(courses.size()), looked_at_(courses.size()) {
    for (std::size_t i = 0; i < courses.size(); ++i) look_at(i);
  }

  std::vector<std::size_t> run() && {
    Marks seen(marks_[0].size() + marks_[1].size() + marks_[2].size() + 2 * courses_.size());
    for (const std::size_t rank : {0, 1, 2}) {
      auto mark = marks_[rank].begin();
      for (std::size_t i = 0; i < courses_.size() && order_.size() < bound_; ++i) {
        for (; mark != marks_[rank].end() && mark->first == i; ++mark) {
          if (seen.insert(mark->second)) choose(i);
        }
        if (courses_[i].raised.end != 0 && order_.size() < bound_) look_at_exception(i, rank, seen);
      }
    }
    return std::move(order_);
  }

 private:
  /// What a path has come to.
  struct Progress {
    source::Range last_telling;
    source::Range unreadable;
    source::Range judged;
    bool takes = false;  ///< a lock, with the last thing that it did about locks
  };

  /// Collects the marks of a course. Those of the steps that the course before it begins with, too, are
  /// there.
  void look_at(std::size_t i) {
    const std::vector<const Step*>& steps = courses_[i].steps;
    std::size_t at = 0;
    if (i > 0) {
      const auto& before = courses_[i - 1].steps;
      at = static_cast<std::size_t>(std::ranges::mismatch(steps, before).in1 - steps.begin());
    }
    std::erase_if(way_, [&](const auto& each) { return each.first > at; });
    Progress progress = way_.empty() ? Progress() : way_.back().second;
    for (; at < steps.size(); ++at) {
      const Step& step = *steps[at];
      const auto rank = static_cast<std::size_t>(rank_of(step));
      const bool changes = rank == 0 || step.operation.probe == models::Probe::content ||
                           step.operation.probe == models::Probe::clock;
      if (rank == 0) {
        progress.last_telling = step.range;
        progress.takes = !step.operation.refused && lock_attempt(step) != models::Mechanism::none;
      }
      if (step.operation.probe == models::Probe::content) progress.judged = progress.unreadable = step.range;
      if (step.operation.probe == models::Probe::clock) progress.judged = step.range;
      if (changes) way_.emplace_back(at + 1, progress);
      const source::Range call = step.through ? step.through->range : source::Range{};
      const bool removes = step.operation.kind == models::OperationKind::unlink;
      marks_[rank].emplace_back(
          i, Mark{step.range, step.operation.refused, call, removes ? progress.judged : source::Range{}});
    }
    looked_at_[i] = progress;
  }

  void look_at_exception(std::size_t i, std::size_t rank, Marks& seen) {
    const Progress& end = looked_at_[i];
    const Mark mark{courses_[i].raised, true, end.last_telling, end.unreadable};
    // What comes of the lock that it has just taken is worth some paths, wherever the exception comes from.
    constexpr int max_leaks = 3;
    if (rank == 0 && end.takes && leaks_[end.last_telling] < max_leaks && seen.insert(mark) && !chosen_[i]) {
      ++leaks_[end.last_telling];
      choose(i);
    }
    if (rank == 1 && seen.insert(mark)) choose(i);
  }

  void choose(std::size_t i) {
    if (chosen_[i]) return;
    chosen_[i] = true;
    order_.push_back(i);
  }

  std::span<const Course> courses_;
  std::size_t bound_;
  std::vector<bool> chosen_;
  std::array<std::vector<std::pair<std::size_t, Mark>>, 3> marks_;  ///< by rank: of which course
  std::vector<std::pair<std::size_t, Progress>> way_;  ///< of the course at hand: after how many steps
  std::vector<Progress> looked_at_;                    ///< by course: how it ends
  std::vector<std::size_t> order_;
  std::map<source::Range, int> leaks_;  ///< exceptions after the taking of a lock
};

/// Ends that a caller may tell apart have different keys.
ir::Term key_of_end(const ir::TermTable& terms, const Path& path) {
  if (path.exit == Exit::raises) return ir::Term::none;
  static constexpr ir::TermKinds constants =
      ir::kinds_of(ir::TermKind::boolean, ir::TermKind::null, ir::TermKind::integer, ir::TermKind::string);
  return (ir::kinds_of(terms.kind(path.value)) & constants) != 0 ? path.value : ir::Term{0xffffffff};
}

/// How much a path does: to locks and names, in all.
std::pair<std::ptrdiff_t, std::ptrdiff_t> done(const Path& path) {
  const auto count = [&](bool telling) {
    return std::count_if(path.steps.begin(), path.steps.end(), [&](const Step& step) {
      return !step.operation.refused && (!telling || rank_of(step) == 0);
    });
  };
  return {count(true), count(false)};
}

}  // namespace

int rank_of(const Step& step) {
  using models::OperationKind;
  const models::Operation& operation = step.operation;
  bool is_telling = false;
  switch (operation.kind) {
    case OperationKind::acquire:
    case OperationKind::release: is_telling = operation.mechanism != models::Mechanism::mutex; break;
    case OperationKind::unlink:
    case OperationKind::rename:
    case OperationKind::link:
    case OperationKind::erase:
    case OperationKind::drop:
    case OperationKind::yield: is_telling = true; break;
    case OperationKind::open: is_telling = operation.exclusive || operation.truncate; break;
    case OperationKind::make_directory: is_telling = operation.exclusive; break;
    case OperationKind::probe:
      is_telling = operation.probe == models::Probe::content || operation.probe == models::Probe::pid_alive;
      break;
    default: break;
  }
  if (!is_telling) return 2;
  // To be refused a lock is where contention begins.
  return operation.refused && !may_be_refused(step) ? 1 : 0;
}

std::vector<std::size_t> telling(std::span<const Course> courses, std::size_t bound) {
  return Chooser(courses, bound).run();
}

std::vector<bool> spread(std::span<const Course> courses, std::size_t bound) {
  const std::vector<std::size_t> first = telling(courses, bound);
  std::vector<bool> keep(courses.size());
  for (const std::size_t i : first) keep[i] = true;
  const std::size_t open = bound - first.size();
  for (std::size_t i = 0; i < open; ++i) {
    std::size_t each = i * courses.size() / open;
    while (each < courses.size() && keep[each]) ++each;
    if (each < courses.size()) keep[each] = true;
  }
  return keep;
}

std::vector<std::size_t> by_importance(const ir::TermTable& terms, const Summary& summary) {
  std::vector<Course> courses;
  for (const Path& path : summary.paths) {
    Course& course = courses.emplace_back();
    for (const Step& step : path.steps) course.steps.push_back(&step);
    if (path.exit == Exit::raises) course.raised = path.exit_range;
  }
  std::vector<std::size_t> order;
  std::vector<bool> in_order(summary.paths.size());
  const auto add = [&](std::size_t i) {
    if (!in_order[i]) order.push_back(i);
    in_order[i] = true;
  };
  std::map<ir::Term, std::size_t> ends;  // of each the path that gets most done
  for (std::size_t i = 0; i < summary.paths.size(); ++i) {
    const auto [best, added] = ends.emplace(key_of_end(terms, summary.paths[i]), i);
    if (!added && done(summary.paths[best->second]) < done(summary.paths[i])) best->second = i;
  }
  for (std::size_t i = 0; i < summary.paths.size(); ++i) {
    if (ends.at(key_of_end(terms, summary.paths[i])) == i) add(i);
  }
  for (const std::size_t i : telling(courses, summary.paths.size())) add(i);
  for (std::size_t i = 0; i < summary.paths.size(); ++i) add(i);
  return order;
}

}  // namespace lockwright::paths
