// JSON with comments and trailing commas.
#include "analyzer/frontends/typescript/json.h"

#include <gtest/gtest.h>

namespace lockwright::frontends::typescript {
namespace {

TEST(Json, CommentsAndTrailingCommasAreBlanks) {
  const auto json =
      parse_json("\xEF\xBB\xBF{ // one\n \"a\": [1, 2, /* , ] */ ], \"b\": \"// , }\\\"\", \n}");
  ASSERT_TRUE(json) << json.error().message;
  EXPECT_EQ(json->dump(), R"({"a":[1,2],"b":"// , }\""})");
}

TEST(Json, WhatIsWrongHasItsLine) {
  EXPECT_EQ(parse_json("{\n/* a\n */\n x }").error().message, "is not JSON (line 4)");
  EXPECT_EQ(parse_json("").error().message, "is not JSON (line 1)");
  EXPECT_EQ(parse_json("{\"a\": \"").error().message, "is not JSON (line 1)");
  EXPECT_EQ(parse_json("/*").error().message, "is not JSON (line 1)");
  EXPECT_EQ(parse_json("{\"a\\").error().message, "is not JSON (line 1)");
}

TEST(Json, DeepNestingIsNoProblem) {
  const std::string open(100'000, '[');
  EXPECT_FALSE(parse_json(open));
  EXPECT_TRUE(parse_json(open + std::string(100'000, ']')));
}

}  // namespace
}  // namespace lockwright::frontends::typescript
