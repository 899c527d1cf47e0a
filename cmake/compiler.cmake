# Warnings, sanitizers and ccache, for every target of the project.
find_program(AUDIT_CCACHE ccache)
if(AUDIT_CCACHE)
  # Precompiled headers are hashed as files, so what they define does not have to be looked at.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros ${AUDIT_CCACHE})
endif()

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()

add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wcast-qual -fno-strict-aliasing
  $<$<COMPILE_LANGUAGE:CXX>:-Wnon-virtual-dtor> $<$<COMPILE_LANGUAGE:CXX>:-Woverloaded-virtual>
  $<$<COMPILE_LANGUAGE:CXX>:-Wold-style-cast>)
if(AUDIT_WERROR)
  add_compile_options(-Werror)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 reports these inside coroutine frames and inlined std::string code where there is nothing to see.
  add_compile_options(-Wno-maybe-uninitialized -Wno-restrict -Wno-array-bounds -Wno-stringop-overflow
    $<$<COMPILE_LANGUAGE:CXX>:-Wno-mismatched-new-delete>)
endif()
if(CMAKE_BUILD_TYPE STREQUAL "Debug")
  add_compile_options(-O1 -g1 -D_GLIBCXX_ASSERTIONS)
endif()
if(AUDIT_SANITIZE)
  add_compile_options(-fsanitize=${AUDIT_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${AUDIT_SANITIZE})
endif()
if(AUDIT_SANITIZE MATCHES "undefined")
  # A third of the time to compile, for what AddressSanitizer sees too, or x86 does not mind.
  add_compile_options(-fno-sanitize=null,alignment,vptr,object-size)
endif()
if(AUDIT_SANITIZE MATCHES "thread")
  add_compile_options(-Wno-tsan)
endif()
if(AUDIT_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link,address,undefined -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
endif()
