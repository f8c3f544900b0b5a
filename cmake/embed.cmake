# Text files as C++ initialisers {name, contents}: what a room's data files become in the program.
#   -DFILES=a;b  -DROOT=folder the names are relative to  -DOUT=file
set(text "")
foreach(file IN LISTS FILES)
  file(RELATIVE_PATH name ${ROOT} ${file})
  file(READ ${file} content)
  string(APPEND text "{\"${name}\", R\"heyi_text(${content})heyi_text\"},\n")
endforeach()
file(WRITE ${OUT} "${text}")
