// Doubly linked lists whose links lie in their members: joining and leaving cost a few stores and no memory.
#pragma once

#include <cstdint>

namespace heyi::net {

struct Link {
  Link* previous = nullptr;
  Link* next = nullptr;
  uint64_t id = 0;  // of the member

  Link() = default;
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;
  ~Link() { Leave(); }

  bool linked() const { return next != nullptr; }
  void Leave() {
    if (next == nullptr) return;
    previous->next = next;
    next->previous = previous;
    previous = next = nullptr;
  }
};

class LinkList {
 public:
  LinkList() { head_.previous = head_.next = &head_; }
  ~LinkList() {
    while (!empty()) head_.next->Leave();
    head_.previous = head_.next = nullptr;
  }
  LinkList(const LinkList&) = delete;
  LinkList& operator=(const LinkList&) = delete;

  bool empty() const { return head_.next == &head_; }
  Link* front() { return head_.next; }  // of a list that is not empty

  // Moves `link` here from wherever it is.
  void PushBack(Link& link) {
    link.Leave();
    link.previous = head_.previous;
    link.next = &head_;
    head_.previous->next = &link;
    head_.previous = &link;
  }

  // Moves all members of `other`, which is left empty, to the end of this one.
  void TakeAll(LinkList& other) {
    while (!other.empty()) PushBack(*other.front());
  }

 private:
  Link head_;
};

}  // namespace heyi::net
