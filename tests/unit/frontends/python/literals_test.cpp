#include "analyzer/frontends/python/literals.h"

#include <gtest/gtest.h>

namespace lockwright::frontends::python {
namespace {

std::string decoded(std::string_view source, std::string_view start = "'") {
  std::string text;
  decode_string(source, string_prefix(start), text);
  return text;
}

TEST(PythonLiterals, Escapes) {
  EXPECT_EQ(decoded(R"(a\n\t\\\'\"\x41\101\u00e9\U0001F512)"), "a\n\t\\'\"AA\xc3\xa9\xf0\x9f\x94\x92");
  EXPECT_EQ(decoded("a\\\nb"), "ab");
  EXPECT_EQ(decoded("a\\\r\nb"), "ab");
  EXPECT_EQ(decoded(R"(\d\)"), R"(\d\)");
  EXPECT_EQ(decoded(R"(\x4)"), R"(\x4)");
  EXPECT_EQ(decoded(R"(\ud800)"), "\xef\xbf\xbd");
}

TEST(PythonLiterals, Prefixes) {
  EXPECT_EQ(decoded(R"(\n{{)", "r'"), R"(\n{{)");
  EXPECT_EQ(decoded(R"(\u0041)", "b'"), R"(\u0041)");
  EXPECT_EQ(decoded("{{a}}", "Rf\"\"\""), "{a}");
}

TEST(PythonLiterals, Numbers) {
  EXPECT_EQ(integer_value("1_000"), 1000);
  EXPECT_EQ(integer_value("0xFF"), 255);
  EXPECT_EQ(integer_value("0o17"), 15);
  EXPECT_EQ(integer_value("017"), 15);
  EXPECT_EQ(integer_value("0b101"), 5);
  EXPECT_EQ(integer_value("0"), 0);
  EXPECT_EQ(integer_value("3L"), 3);
  EXPECT_FALSE(integer_value("99999999999999999999"));
  EXPECT_FALSE(integer_value("3j"));
  EXPECT_EQ(whole_float_value("1e3"), 1000);
  EXPECT_EQ(whole_float_value("0.0"), 0);
  EXPECT_FALSE(whole_float_value("0.5"));
}

}  // namespace
}  // namespace lockwright::frontends::python
