package dev.poolmark.server;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;
import org.openqa.selenium.WebDriverException;

/** Runs a test once more where the browser broke. A page that is wrong fails at once. */
final class BrowserRetry implements InvocationInterceptor {

  @Override
  public void interceptTestMethod(
      Invocation<Void> test,
      ReflectiveInvocationContext<Method> method,
      ExtensionContext extensionContext)
      throws Throwable {
    try {
      test.proceed();
    } catch (WebDriverException browser) {
      System.err.println("once more, for the browser broke: " + browser.getMessage());
      again(method);
    }
  }

  @Override
  public void interceptTestTemplateMethod(
      Invocation<Void> test,
      ReflectiveInvocationContext<Method> method,
      ExtensionContext extensionContext)
      throws Throwable {
    interceptTestMethod(test, method, extensionContext);
  }

  private static void again(ReflectiveInvocationContext<Method> method) throws Throwable {
    Method test = method.getExecutable();
    test.setAccessible(true);
    try {
      test.invoke(method.getTarget().orElseThrow(), method.getArguments().toArray());
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }
}
