# Each room that reports issues keeps its rules in <room>/rules.tsv: rule, severity, issue code, English, Chinese.
# They are gathered into one table, which base/rules.cc serves.
file(GLOB HEYI_RULE_FILES CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/*/rules.tsv)
set(HEYI_RULES_INC ${CMAKE_BINARY_DIR}/generated/rules.inc)
add_custom_command(
  OUTPUT ${HEYI_RULES_INC}
  COMMAND ${CMAKE_COMMAND} "-DFILES=${HEYI_RULE_FILES}" -DOUT=${HEYI_RULES_INC} -P ${CMAKE_SOURCE_DIR}/cmake/gather_rules.cmake
  DEPENDS ${HEYI_RULE_FILES} ${CMAKE_SOURCE_DIR}/cmake/gather_rules.cmake
  VERBATIM)
add_custom_target(heyi_rules DEPENDS ${HEYI_RULES_INC})
