// Paths are told apart by what they do to locks, and where. One that takes a lock at a place where no other
// does is kept for that; so is the first that leaves by an exception after it. What is the same as in a path
// kept before counts for nothing.
#include "analyzer/paths/spread.h"

#include <algorithm>
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

std::size_t count_steps(std::span<const Course> courses) {
  std::size_t result = 0;
  for (const Course& course : courses) result += course.steps.size();
  return result;
}

class Chooser {
 public:
  Chooser(std::span<const Course> courses, std::size_t bound)
      : courses_(courses),
        bound_(bound),
        chosen_(courses.size()),
        seen_(count_steps(courses) + 2 * courses.size()) {
    ranks_.reserve(courses.size());
    for (const Course& course : courses) {
      std::vector<std::uint8_t>& ranks = ranks_.emplace_back();
      ranks.reserve(course.steps.size());
      for (const Step* step : course.steps) ranks.push_back(static_cast<std::uint8_t>(rank_of(*step)));
    }
  }

  std::vector<std::size_t> run() && {
    for (const int rank : {0, 1, 2}) {
      for (std::size_t i = 0; i < courses_.size() && order_.size() < bound_; ++i) look_at(i, rank);
    }
    return std::move(order_);
  }

 private:
  void look_at(std::size_t i, int rank) {
    source::Range last_telling;
    source::Range unreadable;
    source::Range judged;
    bool takes = false;  // the last thing it did about locks
    const std::vector<const Step*>& steps = courses_[i].steps;
    for (std::size_t at = 0; at < steps.size(); ++at) {
      const Step& step = *steps[at];
      if (ranks_[i][at] == 0) {
        last_telling = step.range;
        takes = !step.operation.refused && lock_attempt(step) != models::Mechanism::none;
      }
      if (step.operation.probe == models::Probe::content) judged = unreadable = step.range;
      if (step.operation.probe == models::Probe::clock) judged = step.range;
      if (ranks_[i][at] != rank) continue;
      const source::Range call = step.through ? step.through->range : source::Range{};
      const bool removes = step.operation.kind == models::OperationKind::unlink;
      if (is_new({step.range, step.operation.refused, call, removes ? judged : source::Range{}})) choose(i);
    }
    const source::Range raised = courses_[i].raised;
    if (raised.end == 0 || order_.size() >= bound_) return;
    // What comes of the lock that it has just taken is worth some paths, wherever the exception comes from.
    constexpr int max_leaks = 3;
    if (rank == 0 && takes && leaks_[last_telling] < max_leaks &&
        is_new({raised, true, last_telling, unreadable}) && !chosen_[i]) {
      ++leaks_[last_telling];
      choose(i);
    }
    if (rank == 1 && is_new({raised, true, last_telling, unreadable})) choose(i);
  }

  bool is_new(const Mark& mark) { return seen_.insert(mark); }

  void choose(std::size_t i) {
    if (chosen_[i]) return;
    chosen_[i] = true;
    order_.push_back(i);
  }

  std::span<const Course> courses_;
  std::size_t bound_;
  std::vector<bool> chosen_;
  Marks seen_;
  std::vector<std::size_t> order_;
  std::vector<std::vector<std::uint8_t>> ranks_;  ///< by course and step
  std::map<source::Range, int> leaks_;            ///< exceptions after the taking of a lock
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
