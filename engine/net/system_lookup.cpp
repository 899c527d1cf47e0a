#include "net/system_lookup.hpp"

#include <fmt/format.h>
#include <netdb.h>

#include <algorithm>
#include <mutex>
#include <system_error>
#include <thread>

#include "net/socket_address.hpp"
#include "net/waiting.hpp"

namespace audit::net {
namespace {

using Addresses = std::vector<IpAddress>;

/// What the waiting coroutine and the asking thread share; `done` is null once nobody waits.
struct Question {
  std::mutex mutex;
  asio::io_context* io = nullptr;
  Event* done = nullptr;
  Result<Addresses> answer = Error(Reason::timeout, "");
};

Result<Addresses> ask_system(const std::string& name) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  const int failure = getaddrinfo(name.c_str(), nullptr, &hints, &list);
  if (failure != 0) {
    const bool nobody_said = failure == EAI_AGAIN || failure == EAI_FAIL;
    const Reason reason = failure == EAI_MEMORY || failure == EAI_SYSTEM ? Reason::local_fault
                          : nobody_said                                  ? Reason::timeout
                                                                         : Reason::unresolved;
    return Error(reason, fmt::format("{}: {}", name, gai_strerror(failure)));
  }
  Addresses addresses;
  for (const addrinfo* item = list; item != nullptr; item = item->ai_next) {
    SocketAddress socket;
    std::copy_n(static_cast<const char*>(static_cast<const void*>(item->ai_addr)), item->ai_addrlen,
                static_cast<char*>(static_cast<void*>(&socket.storage)));
    const IpAddress address = from_socket_address(socket, Transport::tcp).address;
    if (std::find(addresses.begin(), addresses.end(), address) == addresses.end()) addresses.push_back(address);
  }
  freeaddrinfo(list);
  return addresses;
}

void answer_in_thread(std::shared_ptr<Question> question, std::string name) {
  std::thread([question = std::move(question), name = std::move(name)] {
    Result<Addresses> answer = ask_system(name);
    const std::lock_guard lock(question->mutex);
    if (question->done == nullptr) return;
    question->answer = std::move(answer);
    asio::post(*question->io, [question] {
      const std::lock_guard inner(question->mutex);
      if (question->done != nullptr) question->done->happen();
    });
  }).detach();
}

}  // namespace

awaitable<Result<Addresses>> system_lookup(asio::io_context& io, DeadlineList& deadlines, std::string name,
                                           Instant deadline) {
  Event done(deadlines);
  const auto question = std::make_shared<Question>();
  question->io = &io;
  question->done = &done;
  try {
    answer_in_thread(question, name);
  } catch (const std::system_error& failure) {
    co_return Error(Reason::local_fault, fmt::format("{}: no thread to ask with: {}", name, failure.what()));
  }
  const Wake wake = co_await done.wait(deadline);
  const std::lock_guard lock(question->mutex);
  question->done = nullptr;
  if (wake == Wake::signalled) co_return std::move(question->answer);
  if (wake == Wake::stopped)
    co_return Error(Reason::stopped, name + ": the run was stopped while the name was looked up");
  co_return Error(Reason::timeout, name + ": the system's name service did not answer in time");
}

}  // namespace audit::net
