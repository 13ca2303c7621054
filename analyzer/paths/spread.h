// Which paths to go on with when there are too many: those that tell most about locks. Internal to paths/.
#pragma once

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "analyzer/paths/path.h"

namespace lockwright::paths {

/// How telling a step is. 0: a lock or a file's name is taken or given up, or a lock refused; 1: a name could
/// not be given up, a file says nothing that makes sense; 2: the rest.
int rank_of(const Step& step);

/// What is looked at of a path.
struct Course {
  std::vector<const Step*> steps;
  source::Range raised;  ///< the place that its exception comes from; {}: none is in flight
};

/// Which of `courses` have something that none before them has, the most telling things first: a step at a
/// place, an exception right after the taking of a lock, or from another place after the last telling step.
/// At most `bound`.
std::vector<std::size_t> telling(std::span<const Course> courses, std::size_t bound);

/// Which `bound` of `courses` to keep: the telling ones, then an even spread of the rest. By course.
std::vector<bool> spread(std::span<const Course> courses, std::size_t bound);

/// Keeps `bound` of `items`, of each of which `course_of` gives the course. Order is kept. False when nothing
/// had to go.
template <typename Item, typename CourseOf>
bool keep_spread(std::vector<Item>& items, std::size_t bound, const CourseOf& course_of) {
  if (items.size() <= bound) return false;
  std::vector<Course> courses;
  courses.reserve(items.size());
  for (const Item& item : items) courses.push_back(course_of(item));
  const std::vector<bool> keep = spread(courses, bound);
  std::vector<Item> result;
  result.reserve(bound);
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (keep[i]) result.push_back(std::move(items[i]));
  }
  items = std::move(result);
  return true;
}

/// The paths of `summary` that a caller in so many states at once lays out first, so that all of them
/// together are not many more than can be kept: of each way to end (a constant returned, something else, an
/// exception) one, and the most telling. The others come after them.
std::vector<std::size_t> by_importance(const ir::TermTable& terms, const Summary& summary);

}  // namespace lockwright::paths
