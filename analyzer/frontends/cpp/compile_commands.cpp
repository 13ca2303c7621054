// Reading a compile database. Of each command, what says how the text is to be understood is kept: what names
// outputs and dependencies goes, and what would load foreign code into the compiler.
#include "analyzer/frontends/cpp/compile_commands.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <nlohmann/json.hpp>

namespace lockwright::frontends::cpp {
namespace {

std::string absolute(const std::string& directory, const std::string& path) {
  return (std::filesystem::path(directory) / path).lexically_normal().generic_string();
}

/// Options that go, with the word behind them.
bool takes_word_along(std::string_view word) {
  constexpr std::array options = {"-o",
                                  "-MF",
                                  "-MT",
                                  "-MQ",
                                  "-MJ",
                                  "-Xclang",
                                  "-Xlinker",
                                  "-load",
                                  "-include-pch",
                                  "-fmodule-file",
                                  "-serialize-diagnostics",
                                  "-Xassembler"};
  return std::any_of(options.begin(), options.end(), [&](const char* each) { return word == each; });
}

bool goes(std::string_view word) {
  constexpr std::array beginnings = {"-fplugin",      "-fpass-plugin", "-fmodule",    "-fsanitize", "-Werror",
                                     "-Winvalid-pch", "-fpch",         "-save-temps", "-fprofile",  "-flto"};
  constexpr std::array whole = {"-c",  "-S",  "-E",    "-M", "-MM",  "-MD", "-MMD",
                                "-MG", "-MP", "-pipe", "-v", "-###", "--",  "-fsyntax-only"};
  return std::any_of(whole.begin(), whole.end(), [&](const char* each) { return word == each; }) ||
         std::any_of(beginnings.begin(), beginnings.end(),
                     [&](const char* each) { return word.starts_with(each); });
}

std::vector<std::string> kept(const std::vector<std::string>& words, const std::string& directory,
                              const std::string& file) {
  std::vector<std::string> result;
  // The compiler, perhaps behind a wrapper.
  std::size_t at = words.empty() ? 0 : 1;
  while (at < words.size() && !words[at].starts_with('-') && absolute(directory, words[at]) != file) ++at;
  for (; at < words.size(); ++at) {
    const std::string& word = words[at];
    if (takes_word_along(word)) {
      ++at;
    } else if (!goes(word) && !(word.starts_with("-o") && word.size() > 2) &&
               (word.starts_with('-') || absolute(directory, word) != file)) {
      result.push_back(word);
    }
  }
  return result;
}

std::string text_of(const nlohmann::json& entry, const char* key) {
  const auto found = entry.find(key);
  return found != entry.end() && found->is_string() ? found->get<std::string>() : std::string();
}

}  // namespace

std::vector<std::string> shell_words(std::string_view line) {
  std::vector<std::string> words;
  std::string word;
  bool open = false;
  char quote = 0;
  for (std::size_t at = 0; at < line.size(); ++at) {
    const char c = line[at];
    if (quote != 0) {
      if (c == quote) {
        quote = 0;
      } else if (c == '\\' && quote == '"' && at + 1 < line.size() &&
                 (line[at + 1] == '"' || line[at + 1] == '\\')) {
        word += line[++at];
      } else {
        word += c;
      }
    } else if (c == '\'' || c == '"') {
      quote = c;
      open = true;
    } else if (c == '\\' && at + 1 < line.size()) {
      word += line[++at];
      open = true;
    } else if (c == ' ' || c == '\t' || c == '\n') {
      if (open) words.push_back(std::move(word));
      word.clear();
      open = false;
    } else {
      word += c;
      open = true;
    }
  }
  if (open) words.push_back(std::move(word));
  return words;
}

std::optional<CompileCommands> CompileCommands::parse(std::string_view text) {
  const nlohmann::json database = nlohmann::json::parse(text, nullptr, false);
  if (!database.is_array()) return std::nullopt;
  CompileCommands result;
  for (const nlohmann::json& entry : database) {
    if (!entry.is_object()) continue;
    const std::string directory = text_of(entry, "directory");
    const std::string file = text_of(entry, "file");
    if (file.empty()) continue;
    const std::string path = absolute(directory, file);
    std::vector<std::string> words;
    if (const auto list = entry.find("arguments"); list != entry.end() && list->is_array()) {
      for (const nlohmann::json& each : *list) {
        if (each.is_string()) words.push_back(each.get<std::string>());
      }
    } else {
      words = shell_words(text_of(entry, "command"));
    }
    result.commands_.try_emplace(path, CompileCommand{directory, kept(words, directory, path)});
  }
  return result;
}

const CompileCommand* CompileCommands::find(const std::string& path) const {
  const auto found = commands_.find(path);
  return found == commands_.end() ? nullptr : &found->second;
}

}  // namespace lockwright::frontends::cpp
