// Notes come out in one order and once.
#include "analyzer/source/note.h"

#include <gtest/gtest.h>

#include <vector>

namespace lockwright::source {
namespace {

TEST(Notes, AreSortedByPathLineAndMessageAndNotRepeated) {
  const Note whole{NoteKind::warning, "a.py", std::nullopt, "z"};
  const Note line2{NoteKind::error, "a.py", 2, "b"};
  const Note line10{NoteKind::warning, "a.py", 10, "a"};
  const Note line10b{NoteKind::warning, "a.py", 10, "b"};
  const Note other{NoteKind::bad_input, "b.py", std::nullopt, "a"};
  std::vector<Note> notes = {other, line10b, line2, whole, line10, line2, other};
  sort_notes(notes);
  EXPECT_EQ(notes, (std::vector<Note>{whole, line2, line10, line10b, other}));
}

}  // namespace
}  // namespace lockwright::source
