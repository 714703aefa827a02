// engine/backend/work_queue.h: the order in which a backend works.
//
// What is submitted (operations of a Decoder, copies of KV pages) is done one after the other, some
// time later. Nothing is ever waited for but a result: whoever needs one takes a fence behind it
// and waits for that.
//
// Work of one shape that comes again and again (a decoded token) can be captured once and replayed
// as one submission.
//
// Threads: confined to the engine thread.
// Errors: kCancelled the stop set last was requested, so that work before the fence may have been
// left out; any other means that the device is lost: all later waits fail with it.
#pragma once

#include <cstdint>
#include <memory>
#include <stop_token>

#include "core/result.h"

namespace engram {

using Fence = std::uint64_t;  // a place in a queue: behind all that was submitted before

class WorkQueue {
 public:
  virtual ~WorkQueue() = default;

  // False: work is done when its submission returns, so that waiting is free.
  virtual bool asynchronous() const = 0;

  // Operations of a Decoder submitted from now on are left out, one by one, once `stop` is
  // requested. Copies of KV pages are never left out: what they serve may come later.
  virtual void set_stop(std::stop_token stop) = 0;

  virtual Fence fence() = 0;
  virtual Result<void> wait(Fence fence) = 0;

  // What is submitted between begin and end of a capture is not done but kept; replay() submits all
  // of it. It works on the batch begun last before the replay, which must have as many rows and
  // segments as the one it was captured in. REQUIRES of all three: captures().
  class Graph {
   public:
    virtual ~Graph() = default;
  };
  virtual bool captures() const { return false; }
  virtual void begin_capture() {}
  virtual std::unique_ptr<Graph> end_capture() { return nullptr; }
  virtual void replay(const Graph&) {}
};

}  // namespace engram
