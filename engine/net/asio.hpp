#pragma once

#include <asio/awaitable.hpp>
#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <asio/use_awaitable.hpp>

namespace audit {

template <class T>
using awaitable = asio::awaitable<T, asio::io_context::executor_type>;

/// The completion token of every `co_await` of the engine; the executor's type is fixed, so that none is erased.
using UseAwaitable = asio::use_awaitable_t<asio::io_context::executor_type>;
inline constexpr UseAwaitable use_awaitable{};

}  // namespace audit
