// Where a suppression comment goes.
#include "analyzer/lsp/silence.h"

#include <gtest/gtest.h>

namespace lockwright::lsp {
namespace {

/// The text with the comment for what is marked by a `|`.
std::string silenced(std::string text, source::Language language) {
  const std::size_t at = text.find('|');
  text.erase(at, 1);
  const source::SourceFile file({}, "a", language, text);
  const auto comment = suppression_at(file, at, "LW101");
  if (!comment) return "nothing";
  return text.insert(comment->offset, comment->text);
}

TEST(Silence, GoesAboveWithTheIndentOfTheLine) {
  EXPECT_EQ(silenced("def f():\n    |lock()\n", source::Language::python),
            "def f():\n    # lockwright: ignore[LW101]\n    lock()\n");
  EXPECT_EQ(silenced("{\r\n\t|lock();\r\n}", source::Language::typescript),
            "{\r\n\t// lockwright: ignore[LW101]\r\n\tlock();\r\n}");
  EXPECT_EQ(silenced("|lock()", source::Language::python), "# lockwright: ignore[LW101]\nlock()");
}

TEST(Silence, GoesBehindWhereAboveIsNoPlaceForAComment) {
  EXPECT_EQ(silenced("x = '''\n''' + |lock()\n", source::Language::python),
            "x = '''\n''' + lock()  # lockwright: ignore[LW101]\n");
  EXPECT_EQ(silenced("x = `\n${|lock()}`;\n", source::Language::typescript).find("\n// lockwright"),
            std::string::npos);
}

}  // namespace
}  // namespace lockwright::lsp
