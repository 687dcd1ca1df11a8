@echo off
rem Starts Poolmark. POOLMARK_JAVA_OPTS go to the JVM, for example -Xmx256m.
setlocal
set "HOME_DIR=%~dp0.."
if defined JAVA_HOME (set "JAVA=%JAVA_HOME%\bin\java") else (set "JAVA=java")
set OMP_NUM_THREADS=1
set MKL_NUM_THREADS=1
set "MEMORY="
if "%~1"=="serve" set "MEMORY=-Xmx1g -XX:+ExitOnOutOfMemoryError"
set "CLASSES=%HOME_DIR%\lib\*"
set "CLUSTER=%CLASSES%;%HOME_DIR%\lib\cluster\*"
if defined POOLMARK_CLUSTER set "CLASSES=%CLUSTER%"
for %%w in (%*) do if "%%~w"=="--cluster" set "CLASSES=%CLUSTER%"
"%JAVA%" -Xlog:disable "-XX:SharedArchiveFile=%HOME_DIR%\lib\poolmark.jsa" --enable-native-access=ALL-UNNAMED -XX:MaxDirectMemorySize=2g %MEMORY% %POOLMARK_JAVA_OPTS% "-Dpoolmark.home=%HOME_DIR%" "-Dpoolmark.plugins=%HOME_DIR%\plugins" -cp "%CLASSES%" dev.poolmark.evaluator.cli.Poolmark %*
exit /b %ERRORLEVEL%
