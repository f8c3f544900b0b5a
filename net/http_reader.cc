#include "net/http_reader.h"

#include <algorithm>

namespace heyi::net {
namespace {

// A client that announces much and sends nothing must not cost much.
constexpr uint64_t kBodyReserveMax = 64 * 1024;

}  // namespace

HttpReader::Progress HttpReader::Fail(FramingError error) {
  error_ = std::move(error);
  phase_ = Phase::kFailed;
  raw_ = {};
  request_ = {};
  return Progress::kError;
}

HttpReader::Progress HttpReader::Read(std::string_view* input) {
  if (phase_ == Phase::kHead) {
    const Progress progress = ReadHead(input);
    if (progress != Progress::kMore || !in_body() || input->empty()) return progress;
  }
  if (in_body()) return ReadBody(input);
  if (phase_ == Phase::kComplete) return Progress::kRequest;
  *input = {};
  return Progress::kError;
}

HttpReader::Progress HttpReader::ReadHead(std::string_view* input) {
  if (!began_) {
    parser_.Reset();
    began_ = true;
  }
  if (!blank_skipped_ && raw_.size() + input->size() >= 2) {
    if (raw_.empty() && input->starts_with("\r\n")) {
      input->remove_prefix(2);
      blank_skipped_ = true;
    } else if (raw_ == "\r" && input->front() == '\n') {
      raw_.clear();
      input->remove_prefix(1);
      blank_skipped_ = true;
    }
  }
  if (input->empty()) return Progress::kMore;

  const size_t before = raw_.size();
  std::string_view head = *input;
  if (before > 0) {
    // One byte more than the parser can let pass, so that whatever the input, it decides.
    const size_t enough = size_t{limits_.request_line_bytes_max} + 2 + limits_.head_bytes_max + 1;
    raw_.append(input->substr(0, enough - before));
    head = raw_;
  }
  if (head == "\r" && !blank_skipped_) {
    raw_.assign(1, '\r');
    *input = {};
    return Progress::kMore;
  }
  switch (parser_.Parse(head)) {
    case HeadParser::Progress::kError:
      return Fail(parser_.TakeError());
    case HeadParser::Progress::kMore:
      if (before == 0) raw_.assign(*input);
      *input = {};
      return Progress::kMore;
    case HeadParser::Progress::kDone:
      break;
  }
  input->remove_prefix(parser_.size() - before);
  if (before == 0) {
    request_.raw.assign(head.substr(0, parser_.size()));
  } else {
    raw_.resize(parser_.size());
    request_.raw = std::move(raw_);  // no small string: a head has 16 bytes at least
    raw_.clear();
  }
  parser_.Fill(&request_);
  began_ = blank_skipped_ = false;
  if (parser_.has_body()) return BeginBody(input->empty());
  phase_ = Phase::kComplete;
  return Progress::kRequest;
}

// kMore, or kContinue where the client waits for it.
HttpReader::Progress HttpReader::BeginBody(bool input_is_empty) {
  const uint64_t body_bytes_max = handler_.BodyBytesMax(request_.method, request_.target);
  if (parser_.chunked()) {
    chunks_.Start(body_bytes_max);
    phase_ = Phase::kChunks;
  } else {
    body_left_ = parser_.content_length();
    if (body_left_ > body_bytes_max) return Fail({413, "http.body-too-long", std::to_string(body_bytes_max)});
    request_.body.reserve(static_cast<size_t>(std::min(body_left_, kBodyReserveMax)));
    phase_ = Phase::kBody;
  }
  return parser_.expects_continue() && input_is_empty ? Progress::kContinue : Progress::kMore;
}

HttpReader::Progress HttpReader::ReadBody(std::string_view* input) {
  if (phase_ == Phase::kBody) {
    const size_t take = static_cast<size_t>(std::min<uint64_t>(body_left_, input->size()));
    request_.body.append(input->data(), take);
    input->remove_prefix(take);
    body_left_ -= take;
    if (body_left_ > 0) return Progress::kMore;
  } else {
    switch (chunks_.Read(input, &request_.body)) {
      case ChunkReader::Progress::kMore: return Progress::kMore;
      case ChunkReader::Progress::kError: return Fail(chunks_.TakeError());
      case ChunkReader::Progress::kDone: break;
    }
  }
  phase_ = Phase::kComplete;
  return Progress::kRequest;
}

HttpReader::Progress HttpReader::End() {
  if (phase_ == Phase::kFailed) return Progress::kError;
  if (idle()) return Progress::kMore;
  return Fail({400, "http.incomplete", in_body() ? "in its body" : "in its head"});
}

Request HttpReader::Take() {
  phase_ = Phase::kHead;
  return std::move(request_);
}

}  // namespace heyi::net
