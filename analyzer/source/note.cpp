// Notes are collected in whatever order threads meet trouble; a person sees them in the order of the paths.
#include "analyzer/source/note.h"

#include <algorithm>
#include <tuple>

namespace lockwright::source {

void sort_notes(std::vector<Note>& notes) {
  std::sort(notes.begin(), notes.end(), [](const Note& a, const Note& b) {
    return std::tie(a.path, a.line, a.kind, a.message) < std::tie(b.path, b.line, b.kind, b.message);
  });
  notes.erase(std::unique(notes.begin(), notes.end()), notes.end());
}

}  // namespace lockwright::source
