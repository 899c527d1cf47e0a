#pragma once

#include "net/transcript.hpp"

namespace audit::net {

/// Takes what a recording world saw. Called on its thread; never waits.
class Recorder {
 public:
  virtual ~Recorder() = default;
  virtual void add(TranscriptRecord record) = 0;
};

}  // namespace audit::net
