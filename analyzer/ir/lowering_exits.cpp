// From tree to blocks, the part that leaves: exceptions, return, break and continue, and the code that has to
// run when they pass (finally parts and scope exits, here called cleanups).
//
// A cleanup is copied to every way out of the code it guards. While that code is lowered, each way that wants
// through (falling off the end, a return, a break out of some loop) gets a block of its own, its exit;
// returns share one, with the value in a temporary. When the guarded code is done, the copies are written, in
// the surroundings of the whole statement: an exception or a return inside of the cleanup is not guarded by
// it and replaces what was going on. At its end a copy goes on outwards, perhaps into the next cleanup's
// exit. Exceptions arrive in a landing block, which receives them into a temporary; its copy raises them
// again.
//
// Copies inside of copies multiply. From a certain depth on a finally part is therefore written once for all
// ways out, and a temporary remembers which way to go on.
#include <utility>

#include "analyzer/ir/lowering.h"

namespace lockwright::ir {
namespace {

constexpr unsigned copied_finally_depth = 2;

}  // namespace

void Lowering::lower(const Try& attempt) {
  const Context outside = context_;
  const BlockId after = new_block();
  const Way afterwards{.target = after, .frame = outside.frames};

  Frame cleanup{.kind = Frame::Kind::cleanup, .outer = outside.frames, .loop = outside.loop};
  BlockId finally_landing = BlockId::none;
  if (attempt.finally_part) {
    context_.frames = &cleanup;
    context_.landing = finally_landing = new_landing();
  }
  const Context guarded = context_;  // of handlers and else part: the finally part, but not the handlers
  BlockId handlers_landing = BlockId::none;
  if (!attempt.handlers.empty()) context_.landing = handlers_landing = new_landing();

  const BlockId body = new_block();
  jump(body);
  enter(body);
  if (attempt.body) lower(*attempt.body);
  context_ = guarded;
  if (attempt.else_part && !dead()) {
    const BlockId otherwise = new_block();
    jump(otherwise);
    enter(otherwise);
    lower(*attempt.else_part);
  }
  leave(afterwards);

  if (handlers_landing != BlockId::none && reached(handlers_landing)) {
    lower_handlers(attempt.handlers, handlers_landing, afterwards);
  }
  context_ = outside;
  if (attempt.finally_part) lower_finally(*attempt.finally_part, cleanup, finally_landing);
  enter(after);
}

void Lowering::lower_handlers(const std::vector<Handler>& handlers, BlockId landing, const Way& afterwards) {
  const Context outside = context_;
  const Local exception = block(landing).exception;
  std::vector<BlockId> entries;
  std::vector<DispatchCase> cases;
  BlockId otherwise = BlockId::none;
  for (const Handler& handler : handlers) {
    entries.push_back(reach(new_block()));
    if (handler.types.empty()) {
      otherwise = entries.back();  // handlers after it never run
      break;
    }
    cases.push_back({.types = handler.types, .block = entries.back()});
  }
  here_ = handlers.front().range;
  if (otherwise == BlockId::none) {
    current_ = otherwise = reach(new_block());
    raise(terms_.local(exception));
  }
  current_ = landing;
  if (cases.empty()) {
    jump(otherwise);
  } else {
    Terminator& end = end_block(TerminatorKind::dispatch);
    end.exception = exception;
    end.cases = std::move(cases);
    end.else_block = otherwise;
  }

  context_.caught = exception;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    enter(entries[i]);
    here_ = handlers[i].range;
    if (handlers[i].exception != Local::none) {
      let(handlers[i].exception, terms_.local(exception), handlers[i].range);
    }
    if (handlers[i].body) lower(*handlers[i].body);
    leave(afterwards);
  }
  context_ = outside;
}

void Lowering::lower(const Scope& scope) {
  const Context outside = context_;
  const BlockId after = new_block();
  Frame cleanup{.kind = Frame::Kind::cleanup, .outer = outside.frames, .loop = outside.loop};
  context_.frames = &cleanup;
  const BlockId landing = context_.landing = new_landing();
  const BlockId body = new_block();
  jump(body);
  enter(body);
  if (scope.body) lower(*scope.body);
  leave({.target = after, .frame = outside.frames});

  context_ = outside;
  lower_scope_exit(scope, cleanup, landing, after);
  enter(after);
}

/// Writes the call of scope.exit for every exit of `frame`, and for the exceptions that arrive at `landing`.
void Lowering::lower_scope_exit(const Scope& scope, const Frame& frame, BlockId landing, BlockId after) {
  Instruction call = scope.exit;
  if (call.kind == InstructionKind::call) {
    call.arguments.push_back({.value = terms_.null(), .name = terms_.intern("exception")});
  }
  for (const Exit& exit : frame.exits) {
    enter(exit.entry);
    append(call);
    resume(exit, frame);
  }
  if (!reached(landing)) return;
  enter(landing);
  const Term exception = terms_.local(block(landing).exception);
  if (call.kind == InstructionKind::call) call.arguments.back().value = exception;
  if (scope.may_swallow && call.result == Local::none) call.result = new_temporary();
  append(call);
  if (scope.may_swallow) {
    const BlockId again = new_block();
    Terminator& end = end_block(TerminatorKind::branch);
    end.test = terms_.local(call.result);
    end.then_block = reach(after);
    end.else_block = reach(again);
    enter(again);
  }
  raise(exception);
}

/// Writes the finally part for every exit of `frame`, and for the exceptions that arrive at `landing`.
void Lowering::lower_finally(const Tree& part, const Frame& frame, BlockId landing) {
  if (finally_depth_ >= copied_finally_depth && frame.exits.size() + (reached(landing) ? 1U : 0U) > 1) {
    lower_finally_once(part, frame, landing);
    return;
  }
  ++finally_depth_;
  for (const Exit& exit : frame.exits) {
    enter(exit.entry);
    lower(part);
    resume(exit, frame);
  }
  enter(landing);
  lower(part);
  if (!dead()) raise(terms_.local(block(landing).exception));
  --finally_depth_;
}

/// The same with one copy: each way in leaves its number in a local, which the end of the copy asks.
void Lowering::lower_finally_once(const Tree& part, const Frame& frame, BlockId landing) {
  const Local which = new_temporary();
  const BlockId shared = new_block();
  const auto number = [this](std::size_t i) { return terms_.integer(static_cast<std::int64_t>(i)); };
  const auto set_out = [&](BlockId entry, std::size_t i) {
    enter(entry);
    let(which, number(i), here_);
    jump(shared);
  };
  for (std::size_t i = 0; i < frame.exits.size(); ++i) set_out(frame.exits[i].entry, i);
  if (reached(landing)) set_out(landing, frame.exits.size());
  enter(shared);
  lower(part);

  for (std::size_t i = 0; i < frame.exits.size() && !dead(); ++i) {
    BlockId next = BlockId::none;
    if (reached(landing) || i + 1 < frame.exits.size()) {
      const BlockId mine = new_block();
      next = new_block();
      const Term operands[] = {terms_.local(which), number(i)};
      const Term test = terms_.apply(terms_.global("operator.eq"), operands);
      Terminator& end = end_block(TerminatorKind::branch);
      end.test = test;
      end.then_block = reach(mine);
      end.else_block = reach(next);
      enter(mine);
    }
    resume(frame.exits[i], frame);
    if (next != BlockId::none) enter(next);
  }
  if (!dead()) raise(terms_.local(block(landing).exception));
}

void Lowering::lower(const Return& statement) {
  here_ = statement.range;
  leave_with(statement.value == Term::none ? terms_.null() : statement.value, statement.range);
}

void Lowering::lower(const Raise& statement) {
  here_ = statement.range;
  if (statement.value != Term::none) {
    raise(statement.value);
  } else if (context_.caught != Local::none) {
    raise(terms_.local(context_.caught));
  } else {
    raise(terms_.unknown());
  }
}

void Lowering::lower(const Break& statement) {
  if (const Frame* loop = loop_named(statement.label)) {
    leave({.target = loop->break_target, .frame = loop});
  } else {
    raise(terms_.unknown());
  }
}

void Lowering::lower(const Continue& statement) {
  if (const Frame* loop = loop_named(statement.label)) {
    leave({.target = loop->continue_target, .frame = loop});
  } else {
    raise(terms_.unknown());
  }
}

const Lowering::Frame* Lowering::loop_named(std::string_view label) const {
  for (const Frame* frame = context_.frames; frame != nullptr; frame = frame->outer) {
    if (frame->kind == Frame::Kind::loop && (label.empty() || frame->label == label)) return frame;
  }
  return nullptr;
}

/// The innermost cleanup around this place, of those inside of `end`; null when there is none.
Lowering::Frame* Lowering::cleanup_before(const Frame* end) const {
  Frame* frame = context_.frames;
  while (frame != end && frame->kind != Frame::Kind::cleanup) frame = frame->outer;
  return frame == end ? nullptr : frame;
}

/// Where the copy of the cleanup for `way` begins.
BlockId Lowering::entry_of(Frame& cleanup, const Way& way, source::Range range) {
  for (const Exit& exit : cleanup.exits) {
    if (exit.way == way) return exit.entry;
  }
  const BlockId entry = new_block_in(cleanup.loop);
  cleanup.exits.push_back({.way = way, .range = range, .entry = entry});
  return entry;
}

/// Goes to way.target, through the cleanups on the way there.
void Lowering::leave(const Way& way) {
  if (dead()) return;
  Frame* cleanup = cleanup_before(way.frame);
  jump(cleanup == nullptr ? way.target : entry_of(*cleanup, way, here_));
}

/// Returns from the function, through the cleanups around this place.
void Lowering::leave_with(Term value, source::Range range) {
  Frame* cleanup = cleanup_before(nullptr);
  if (cleanup == nullptr) {
    here_ = range;
    end_block(TerminatorKind::leave).value = value;
    return;
  }
  if (cleanup->returned == Local::none) cleanup->returned = new_temporary();
  let(cleanup->returned, value, range);
  jump(entry_of(*cleanup, {}, range));
}

/// The same with a value that an inner cleanup kept: the next cleanup adopts its temporary if it has none
/// yet. It may: when it begins to run, the inner cleanup is over.
void Lowering::leave_with(Local temporary, source::Range range) {
  Frame* cleanup = cleanup_before(nullptr);
  if (cleanup != nullptr && cleanup->returned == Local::none) cleanup->returned = temporary;
  if (cleanup != nullptr && cleanup->returned == temporary) {
    jump(entry_of(*cleanup, {}, range));
  } else {
    leave_with(terms_.local(temporary), range);
  }
}

/// At the end of a copy of the cleanup of `frame`: goes on where `exit` was going.
void Lowering::resume(const Exit& exit, const Frame& frame) {
  if (dead()) return;
  if (exit.way.target == BlockId::none) {
    leave_with(frame.returned, exit.range);
  } else {
    leave(exit.way);
  }
}

}  // namespace lockwright::ir
