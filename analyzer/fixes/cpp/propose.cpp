// From what a rule wants to what C and C++ have for it.
#include "analyzer/fixes/cpp/propose.h"

#include <algorithm>

#include "analyzer/fixes/cpp/code.h"

namespace lockwright::fixes::cpp {

namespace {

/// Each says itself whether it can do with what stands in another function, or another file.
std::vector<findings::Fix> in_place(const Code& code, const findings::Repair& repair) {
  const bool right_here = std::ranges::all_of(repair.places, [&](const findings::Place& place) {
    return place.through.empty() && place.range.file == code.file;
  });
  switch (repair.kind) {
    case findings::RepairKind::truncate_under_lock: return truncate_under_lock(code, repair);
    case findings::RepairKind::release_in_finally:
      return right_here ? release_on_all_ways(code, repair) : std::vector<findings::Fix>();
    case findings::RepairKind::erase_after_clean_up: return erase_after_clean_up(code, repair);
    case findings::RepairKind::replace_by_rename:
      return right_here ? replace_by_rename(code, repair) : rename_what_helper_makes(code, repair);
    case findings::RepairKind::leave_out_acquire: return leave_out_acquire(code, repair);
    case findings::RepairKind::release_on_failure: return {};
  }
  return {};
}

}  // namespace

std::vector<findings::Fix> propose(const findings::Finding& finding, const source::FileTable& files) {
  const Code code(files, finding.primary.file);
  std::vector<findings::Fix> result = in_place(code, *finding.repair);
  for (findings::Fix& fix : move_to_library(code, *finding.repair)) result.push_back(std::move(fix));
  return result;
}

}  // namespace lockwright::fixes::cpp
