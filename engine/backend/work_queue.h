// engine/backend/work_queue.h: the order in which a backend works.
//
// What is submitted (operations of a Decoder, copies of KV pages) is done one after the other, some
// time later. Nothing is ever waited for but a result: whoever needs one takes a fence behind it
// and waits for that.
//
// Threads: confined to the engine thread.
// Errors: kCancelled work before the fence was left out, because a stop was requested; any other
// means that the device is lost: all later waits fail with it.
#pragma once

#include <cstdint>
#include <stop_token>

#include "core/result.h"

namespace engram {

using Fence = std::uint64_t;  // a place in a queue: behind all that was submitted before

class WorkQueue {
 public:
  virtual ~WorkQueue() = default;

  // False: work is done when its submission returns, so that waiting is free.
  virtual bool asynchronous() const = 0;

  // Work submitted from now on is left out, piece by piece, once `stop` is requested.
  virtual void set_stop(std::stop_token stop) = 0;

  virtual Fence fence() = 0;
  virtual Result<void> wait(Fence fence) = 0;
};

}  // namespace engram
