// The fast cut into identifiers against the obvious one.
#include "analyzer/source/identifiers.h"

#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lockwright::source {
namespace {

using Spans = std::vector<std::pair<std::size_t, std::size_t>>;

/// Gives the scanner memory that ends exactly where the text does, for the address sanitizer to watch.
Spans fast(std::string_view text) {
  const std::unique_ptr<char[]> exact(new char[text.size()]);
  text.copy(exact.get(), text.size());
  Spans spans;
  for_each_identifier(std::string_view(exact.get(), text.size()), [&](std::size_t begin, std::size_t size) {
    spans.emplace_back(begin, size);
    return true;
  });
  return spans;
}

Spans obvious(std::string_view text) {
  Spans spans;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (!is_identifier_byte(text[at])) continue;
    const std::size_t begin = at;
    while (at < text.size() && is_identifier_byte(text[at])) ++at;
    spans.emplace_back(begin, at - begin);
  }
  return spans;
}

TEST(IdentifierByte, AllOfThem) {
  for (int byte = 0; byte < 256; ++byte) {
    const char character = static_cast<char>(byte);
    const bool expected = byte >= 128 || (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') ||
                          (byte >= 'a' && byte <= 'z') || byte == '_';
    EXPECT_EQ(is_identifier_byte(character), expected) << byte;
    EXPECT_EQ(fast(std::string(1, character)).size(), expected ? 1U : 0U) << byte;
  }
}

TEST(ForEachIdentifier, AgreesWithTheObviousScan) {
  std::mt19937 random(1);
  for (int round = 0; round < 2000; ++round) {
    std::string text(random() % 300, ' ');
    const auto identifier_share = random() % 100;
    for (char& character : text) {
      character =
          random() % 100 < identifier_share ? "aZ_9\xC3"[random() % 5] : " .(\n\x7F$@`[{"[random() % 10];
    }
    ASSERT_EQ(fast(text), obvious(text)) << text;
  }
}

TEST(ForEachIdentifier, AroundTheEdgesOfBlocks) {
  for (std::size_t size = 0; size < 200; ++size) {
    EXPECT_EQ(fast(std::string(size, 'x')), obvious(std::string(size, 'x'))) << size;
    EXPECT_EQ(fast(std::string(size, '.') + "name"), (Spans{{size, 4}})) << size;
    EXPECT_EQ(fast(std::string(size, 'x') + "."), obvious(std::string(size, 'x') + ".")) << size;
  }
}

TEST(ForEachIdentifier, StopsWhenTold) {
  int visits = 0;
  EXPECT_FALSE(for_each_identifier("one two three", [&](std::size_t, std::size_t) { return ++visits < 2; }));
  EXPECT_EQ(visits, 2);
  EXPECT_TRUE(for_each_identifier("one", [](std::size_t, std::size_t) { return true; }));
}

TEST(IdentifierHash, DependsOnTheIdentifierAlone) {
  std::string text = "_";
  for (std::size_t size = 1; size < 40; ++size) {
    const std::string name = text.substr(0, size);
    const std::string surrounded = name + "()";
    const std::uint32_t hash = identifier_hash(name);
    EXPECT_EQ(identifier_hash(std::string_view(surrounded).substr(0, size), surrounded.size()), hash) << size;
    const std::string far = name + std::string(20, 'q');
    EXPECT_EQ(identifier_hash(std::string_view(far).substr(0, size), far.size()), hash) << size;
    text += static_cast<char>('a' + size % 26);
  }
}

TEST(IdentifierHash, SeparatesSimilarNames) {
  std::set<std::uint32_t> hashes;
  std::size_t names = 0;
  const std::string base = "acquire_the_lock_of_the_session_file";
  for (std::size_t at = 0; at < base.size(); ++at) {
    for (char letter = 'a'; letter <= 'z'; ++letter) {
      std::string name = base;
      if (name[at] == letter) continue;
      name[at] = letter;
      hashes.insert(identifier_hash(name));
      ++names;
    }
    hashes.insert(identifier_hash(base.substr(0, at + 1)));
    ++names;
  }
  EXPECT_EQ(hashes.size(), names);
}

}  // namespace
}  // namespace lockwright::source
