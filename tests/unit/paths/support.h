// Python texts to paths, printed: what the engine makes of small programs, with the models that ship.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <initializer_list>
#include <map>
#include <string>
#include <vector>

#include "analyzer/frontends/python/module_index.h"
#include "analyzer/models/model.h"
#include "analyzer/paths/engine.h"
#include "analyzer/paths/program.h"
#include "generated/embedded.h"

namespace lockwright::paths {

inline const models::Models& shipped_models() {
  static const models::Models models = [] {
    models::Models loaded("python");
    for (const embedded::File& file : embedded::models()) {
      const auto added = loaded.add(file.text, file.name);
      EXPECT_TRUE(added) << (added ? "" : added.error().message);
    }
    return loaded;
  }();
  return models;
}

/// A program of several files.
class TestProgram {
 public:
  /// Paths and texts in turn. Files whose names begin with "late" are known of, but wait for load_late().
  TestProgram(std::initializer_list<std::string> paths_and_texts) {
    for (const auto* each = paths_and_texts.begin(); each != paths_and_texts.end(); each += 2) {
      texts_.emplace(each[0], each[1]);
    }
    load([](std::string_view path) { return !path.starts_with("late"); });
  }

  void load_late() {
    load([](std::string_view path) { return path.starts_with("late"); });
  }

  /// Another text for a file; add(): of one whose module has been taken out.
  void replace(const std::string& file, const std::string& text) {
    program_.replace(parsed_anew(file, text));
  }
  void add(const std::string& file, const std::string& text) { program_.add(parsed_anew(file, text)); }

  Program& program() { return program_; }
  Engine& engine() { return engine_; }

  std::shared_ptr<const Summary> summary(std::string_view function) {
    const FunctionId id = program_.function_named(function);
    if (id == FunctionId::none) {
      ADD_FAILURE() << "no function " << function;
      return std::make_shared<Summary>();
    }
    return engine_.summary(id);
  }

  /// The function's paths, one line each, sorted: "open(p) acquire(p) ! " (raises), "... = value" (returns).
  std::vector<std::string> paths(std::string_view function) {
    std::vector<std::string> lines;
    for (const Path& path : summary(function)->paths) {
      std::string line;
      for (const Step& step : path.steps) line += print(step) + " ";
      line += path.exit == Exit::raises ? "! " : "= ";
      line += print(path.value);
      lines.push_back(std::move(line));
    }
    std::sort(lines.begin(), lines.end());
    return lines;
  }

  std::string print(ir::Term term) const { return ir::to_string(program_.terms, term); }

 private:
  template <typename Wanted>
  void load(const Wanted& wanted) {
    std::vector<std::string_view> names;
    for (const auto& [path, text] : texts_) names.push_back(path);
    const frontends::python::ModuleIndex index(names);
    std::size_t number = 0;
    for (const auto& [path, text] : texts_) {
      if (wanted(path)) program_.add(parsed(number, text, index));
      ++number;
    }
  }

  static ir::Module parsed(std::size_t number, const std::string& text,
                           const frontends::python::ModuleIndex& index) {
    return frontends::python::parse({.file = static_cast<source::FileId>(number),
                                     .module_name = index.name(number),
                                     .text = text,
                                     .is_package = index.is_package(number)},
                                    index);
  }

  ir::Module parsed_anew(const std::string& file, const std::string& text) {
    texts_[file] = text;
    std::vector<std::string_view> names;
    for (const auto& [path, each] : texts_) names.push_back(path);
    const frontends::python::ModuleIndex index(names);
    return parsed(static_cast<std::size_t>(std::distance(texts_.begin(), texts_.find(file))), text, index);
  }

  std::string print(const Step& step) const {
    static const std::map<models::OperationKind, std::string> names = {
        {models::OperationKind::open, "open"},       {models::OperationKind::close, "close"},
        {models::OperationKind::read, "read"},       {models::OperationKind::write, "write"},
        {models::OperationKind::unlink, "unlink"},   {models::OperationKind::acquire, "acquire"},
        {models::OperationKind::release, "release"}, {models::OperationKind::insert, "insert"},
        {models::OperationKind::erase, "erase"},     {models::OperationKind::look_up, "look_up"},
        {models::OperationKind::await, "await"},     {models::OperationKind::spawn, "spawn"},
        {models::OperationKind::exists, "exists"},   {models::OperationKind::rename, "rename"},
        {models::OperationKind::probe, "probe"},     {models::OperationKind::truncate, "truncate"},
        {models::OperationKind::escape, "escape"},   {models::OperationKind::flush, "flush"},
    };
    const auto name = names.find(step.operation.kind);
    std::string text = name == names.end() ? "?" : name->second;
    if (step.operation.refused) text = "refused-" + text;
    if (step.detached) text = "detached-" + text;
    const ir::Term subject =
        step.operation.file != ir::Term::none ? step.operation.file : step.operation.handle;
    if (subject == ir::Term::none) return text;
    return text + "(" + print(subject) + ")";
  }

  std::map<std::string, std::string> texts_;
  Program program_;
  Engine engine_{program_, shipped_models()};
};

}  // namespace lockwright::paths
