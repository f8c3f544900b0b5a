# Turns the text file IN into OUT, one raw string literal for an #include behind `=`.
file(READ ${IN} text)
if(text MATCHES "\\)embedded\"")
  message(FATAL_ERROR "${IN}: holds the end of a raw string literal")
endif()
file(WRITE ${OUT} "R\"embedded(")
file(APPEND ${OUT} "${text}")
file(APPEND ${OUT} ")embedded\"")
