// What is made of a text must not hang on the texts that came before it: a tree that is kept and edited gives
// the same module as the text alone, whatever is typed.
#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <random>
#include <string>

#include "analyzer/frontends/python/frontend.h"
#include "analyzer/frontends/typescript/frontend.h"
#include "analyzer/ir/dump.h"

namespace lockwright::frontends {
namespace {

class NoPython final : public python::ModuleResolver {
 public:
  [[nodiscard]] std::optional<std::string> resolve(std::string_view /*from*/, int /*level*/,
                                                   std::string_view /*dotted*/) const override {
    return std::nullopt;
  }
};

class NoTypeScript final : public typescript::ModuleResolver {
 public:
  [[nodiscard]] std::optional<std::string> resolve(std::string_view /*from*/,
                                                   std::string_view /*specifier*/) const override {
    return std::nullopt;
  }
};

using Parse = std::function<ir::Module(std::string_view text, KeptTree* kept)>;

ir::Module parse_python(std::string_view text, KeptTree* kept) {
  return python::parse({.module_name = "m", .text = text, .kept = kept}, NoPython());
}

ir::Module parse_typescript(std::string_view text, KeptTree* kept) {
  return typescript::parse({.module_name = "m.ts", .text = text, .kept = kept}, NoTypeScript());
}

/// Everything the module says, with where it says it.
std::string dumped(const ir::Module& module) {
  std::string result;
  for (const ir::Function& each : module.functions)
    result += ir::dump(module, each, [](const source::Range& range) { return range.begin; });
  for (const ir::ParseHole& each : module.holes)
    result += std::to_string(each.range.begin) + "-" + std::to_string(each.range.end) + "\n";
  return result;
}

/// Types, takes back, breaks and mends `text`; after each edit the kept tree must give what the text gives.
void type_into(std::string text, const Parse& parse, bool& had_holes, bool& was_whole) {
  std::mt19937 random(7);  // NOLINT(cert-msc51-cpp): the same edits every time
  constexpr auto pieces =
      std::to_array<std::string_view>({"x", "é", "(", ")", "\n", "\n\n", "# ", "// ", "\"", "  ", "if x:\n",
                                       "{", "}", "lock(", "pass", "'''"});
  KeptTree kept;
  for (int edit = 0; edit < 400; ++edit) {
    const std::string before = text;
    const std::size_t at = random() % (text.size() + 1);
    const std::size_t gone = random() % 4 == 0 ? random() % 40 : 0;
    text.replace(at, gone, pieces[random() % pieces.size()]);
    const ir::Module alone = parse(text, nullptr);
    ASSERT_EQ(dumped(parse(text, &kept)), dumped(alone)) << text;
    ASSERT_EQ(kept.text, text);
    (alone.holes.empty() ? was_whole : had_holes) = true;
    // Mostly it is mended again, so that the next edit does not only break what is broken.
    if (random() % 8 != 0 || !alone.holes.empty()) text = before;
  }
}

TEST(Edits, OfPythonGiveWhatTheTextGives) {
  bool had_holes = false;
  bool was_whole = false;
  type_into(R"(
import os

class Store:
    def __init__(self, path):
        self.path = path + ".lock"  # beside it

    def save(self, data: dict[str, int]) -> None:
        """Writes
        it."""
        with open(self.path, "w") as f:
            for key, value in data.items():
                if value: f.write(f"{key}={value!r}\n")
                else: raise ValueError(key)
        os.remove(self.path)


def main():
    try:
        Store("ä").save({"a": 1})
    except OSError as error:
        print(error)
)",
            parse_python, had_holes, was_whole);
  EXPECT_TRUE(had_holes);
  EXPECT_TRUE(was_whole);
}

TEST(Edits, OfTypeScriptGiveWhatTheTextGives) {
  bool had_holes = false;
  bool was_whole = false;
  type_into(R"(
import * as fs from "node:fs";

export class Store {
  constructor(private readonly path: string) {}

  async save<T>(data: Map<string, T>): Promise<void> {
    const handle = await fs.promises.open(`${this.path}.lock`, "wx"); // beside it
    try {
      for (const [key, value] of data) await handle.write(key + String(value));
    } finally {
      await handle.close();
      fs.unlinkSync(/x\/y/.test(this.path) ? this.path : "ä");
    }
  }
}

export const main = () => new Store("a").save(new Map([["a", 1 as number]]));
)",
            parse_typescript, had_holes, was_whole);
  EXPECT_TRUE(had_holes);
  EXPECT_TRUE(was_whole);
}

}  // namespace
}  // namespace lockwright::frontends
